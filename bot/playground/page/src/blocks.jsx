// Block Kit. What is only looked at is drawn by slack-blocks-to-jsx; its controls call nobody back, so buttons, menus
// and fields are the browser's own here.
import { useId, useMemo, useState } from "react";
import { Message } from "slack-blocks-to-jsx";

const LIVE = new Set(["actions", "input"]);

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
  switch (element.type) {
    case "static_select":
      return { type: element.type, selected_option: chosen(element, value) };
    case "datepicker":
      return { type: element.type, selected_date: value || null };
    default:
      return { type: element.type, value: value || null };
  }
}

function Field({ element, value, id, onChange, label, ...more }) {
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
        ) : part.live.type === "actions" ? (
          <div className="actions" key={part.live.block_id}>
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
    if (!(filled.value || filled.selected_option || filled.selected_date)) {
      errors[block.block_id] = "Please complete this required field.";
    }
  }
  return errors;
}
