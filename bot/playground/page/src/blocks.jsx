// Block Kit. What is only looked at is drawn by slack-blocks-to-jsx; its controls call nobody back, so buttons, menus
// and fields are the browser's own here.
import { createContext, useContext, useId, useMemo, useState } from "react";
import { Message } from "slack-blocks-to-jsx";

const LIVE = new Set(["actions", "context_actions", "input"]);

// Who and what one can choose from in Slack: people, and rooms in which several read.
export const Around = createContext({ users: [], rooms: [] });

// The selects whose entries Slack itself knows: what is chosen from, and what they are called in payloads.
const KNOWN = {
  conversations_select: { of: "rooms", said: "selected_conversation", first: "initial_conversation" },
  channels_select: { of: "rooms", said: "selected_channel", first: "initial_channel" },
  users_select: { of: "users", said: "selected_user", first: "initial_user" },
  multi_users_select: { of: "users", said: "selected_users", first: "initial_users", many: true },
};

// Slack has pictures of its own for these, and Rung draws bars with them; not every machine's fonts have them.
const SQUARE = /^(?:large_)?(green|yellow|blue|purple|white|orange|red|brown|black)(?:_large)?_square$/;
const hooks = {
  emoji(data, draw) {
    const hue = SQUARE.exec(data.name)?.[1];
    return hue ? <span className={`square ${hue}`} role="img" aria-label={`${hue} square`} /> : draw(data);
  },
};

function options(element) {
  const one = (option) => (
    <option key={option.value} value={option.value}>
      {option.text.text}
    </option>
  );
  if (!element.option_groups) return element.options.map(one);
  return element.option_groups.map((group) => (
    <optgroup key={group.label.text} label={group.label.text}>
      {group.options.map(one)}
    </optgroup>
  ));
}

const all = (element) => element.options ?? element.option_groups.flatMap((group) => group.options);
const chosen = (element, value) => all(element).find((option) => option.value === value) ?? null;

function initial(element) {
  const known = KNOWN[element.type];
  if (known) return element[known.first] ?? (known.many ? [] : "");
  switch (element.type) {
    case "static_select":
      return element.initial_option?.value ?? "";
    case "datepicker":
      return element.initial_date ?? "";
    default:
      return element.initial_value ?? "";
  }
}

// What Slack says of a field in `state`.
function told(element, value) {
  const known = KNOWN[element.type];
  if (known) return { type: element.type, [known.said]: known.many ? value : value || null };
  switch (element.type) {
    case "static_select":
      return { type: element.type, selected_option: chosen(element, value) };
    case "datepicker":
      return { type: element.type, selected_date: value || null };
    default:
      return { type: element.type, value: value || null };
  }
}

function Known({ element, value, id, onChange, label, ...more }) {
  const { of, many } = KNOWN[element.type];
  const around = useContext(Around)[of];
  const shown = of === "rooms" ? around.filter((one) => one.shared) : around;
  const read = ({ target }) => onChange(many ? [...target.selectedOptions].map((one) => one.value) : target.value);
  return (
    <select id={id} multiple={many} value={value} onChange={read} aria-label={label} {...more}>
      {!many && (
        <option value="" disabled={!more.optional}>
          {element.placeholder?.text ?? (of === "rooms" ? "Select a channel" : "Select a person")}
        </option>
      )}
      {shown.map((one) => (
        <option key={one.id} value={one.id}>
          {of === "rooms" ? `# ${one.name}` : one.name}
        </option>
      ))}
    </select>
  );
}

function Field({ element, value, id, onChange, label, ...more }) {
  if (KNOWN[element.type]) return <Known {...{ element, value, id, onChange, label, ...more }} />;
  const common = { id, value, onChange: (event) => onChange(event.target.value), "aria-label": label, ...more };
  switch (element.type) {
    case "static_select":
      return (
        <select {...common}>
          <option value="" disabled={!more.optional}>
            {element.placeholder?.text ?? "Select an option"}
          </option>
          {options(element)}
        </select>
      );
    case "datepicker":
      return <input type="date" {...common} />;
    case "plain_text_input":
      return element.multiline ? (
        <textarea rows={4} maxLength={element.max_length} {...common} />
      ) : (
        <input type="text" maxLength={element.max_length} {...common} />
      );
    default:
      return <em>The playground draws no {element.type}.</em>;
  }
}

// The blocks of a message, a window or the Home tab. `onAction(action, state)` is called with what was pressed;
// `filled` is told what stands in the fields, for a window that is sent as a whole.
export function Blocks({ blocks, users, onAction, errors = {}, filled }) {
  const [written, setWritten] = useState({});
  const fields = useMemo(
    () => blocks.filter((block) => block.type === "input").map((block) => ({ block, element: block.element })),
    [blocks],
  );
  const key = (block, element) => `${block.block_id}/${element.action_id}`;
  const held = (block, element) => written[key(block, element)] ?? initial(element);

  function state(changes = {}) {
    const values = {};
    for (const { block, element } of fields) {
      const value = changes[key(block, element)] ?? held(block, element);
      values[block.block_id] = { [element.action_id]: told(element, value) };
    }
    return values;
  }

  function write(block, element, value) {
    const changes = { [key(block, element)]: value };
    setWritten((before) => ({ ...before, ...changes }));
    filled?.(state(changes));
  }

  const parts = [];
  for (const block of blocks) {
    if (LIVE.has(block.type)) parts.push({ live: block });
    else if (parts.at(-1)?.still) parts.at(-1).still.push(block);
    else parts.push({ still: [block] });
  }
  return (
    <div className="blocks">
      {parts.map((part, place) =>
        part.still ? (
          <Message key={place} withoutWrapper blocks={part.still} name="" logo="" data={{ users }} hooks={hooks} />
        ) : part.live.type !== "input" ? (
          <div className={part.live.type === "actions" ? "actions" : "asides"} key={part.live.block_id}>
            {part.live.elements.map((element) => (
              <Element key={element.action_id} block={part.live} element={element} onAction={(each) => onAction(each, state())} />
            ))}
          </div>
        ) : (
          <Input
            key={part.live.block_id}
            block={part.live}
            value={held(part.live, part.live.element)}
            onChange={(value) => write(part.live, part.live.element, value)}
            error={errors[part.live.block_id]}
          />
        ),
      )}
    </div>
  );
}

function Element({ block, element, onAction }) {
  const common = { type: element.type, action_id: element.action_id, block_id: block.block_id };
  if (element.type === "button") {
    return (
      <button
        type="button"
        className={`pressable ${element.style ?? ""}`}
        onClick={() => {
          if (element.url) window.open(element.url, "_blank", "noopener");
          const style = element.style ? { style: element.style } : {};
          onAction({ ...common, text: element.text, value: element.value, ...style });
        }}
      >
        {element.text.text}
      </button>
    );
  }
  if (element.type === "feedback_buttons") {
    return <Thumbs element={element} onPress={(value) => onAction({ ...common, value })} />;
  }
  if (element.type in KNOWN) {
    return <Field element={element} value={initial(element)} label={element.placeholder?.text} onChange={(value) => onAction({ ...common, ...told(element, value) })} />;
  }
  if (element.type === "static_select") {
    return (
      <Field
        element={element}
        value={element.initial_option?.value ?? ""}
        label={element.placeholder?.text}
        onChange={(value) =>
          onAction({ ...common, selected_option: chosen(element, value), placeholder: element.placeholder })
        }
      />
    );
  }
  return <em>The playground draws no {element.type}.</em>;
}

// Slack shows which of the two was pressed, to the one who pressed it.
function Thumbs({ element, onPress }) {
  const [pressed, setPressed] = useState("");
  return ["positive_button", "negative_button"].map((name) => (
    <button
      key={name}
      type="button"
      className={`thumb ${name}`}
      aria-pressed={pressed === name}
      aria-label={element[name].accessibility_label ?? element[name].text.text}
      title={element[name].text.text}
      onClick={() => {
        setPressed(name);
        onPress(element[name].value);
      }}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="M7 11v9H3v-9zm0 0 4-8c1.6 0 2.6 1 2.6 2.6V9h5.6a1.8 1.8 0 0 1 1.8 2.2l-1.5 7A2.3 2.3 0 0 1 17.2 20H7" />
      </svg>
    </button>
  ));
}

function Input({ block, value, onChange, error }) {
  const id = useId();
  const about = useId();
  return (
    <div className="field">
      <label htmlFor={id}>
        {block.label.text}
        {block.optional && <span className="optional"> (optional)</span>}
      </label>
      <Field
        element={block.element}
        id={id}
        value={value}
        optional={block.optional ? "optional" : undefined}
        onChange={onChange}
        aria-invalid={Boolean(error)}
        aria-describedby={error || block.hint ? about : undefined}
      />
      {(error || block.hint) && (
        <p id={about} className={error ? "error" : "hint"}>
          {error || block.hint.text}
        </p>
      )}
    </div>
  );
}

// What stands in the fields of blocks before anybody wrote there.
export function untouched(blocks) {
  const values = {};
  for (const block of blocks) {
    if (block.type !== "input") continue;
    values[block.block_id] = { [block.element.action_id]: told(block.element, initial(block.element)) };
  }
  return values;
}

// The fields that must not be empty and are, with what Slack says there.
export function missing(blocks, state) {
  const errors = {};
  for (const block of blocks) {
    if (block.type !== "input" || block.optional) continue;
    const filled = state[block.block_id]?.[block.element.action_id] ?? {};
    const { type, ...said } = filled;
    if (!Object.values(said).some((one) => (Array.isArray(one) ? one.length : one))) {
      errors[block.block_id] = "Please complete this required field.";
    }
  }
  return errors;
}
