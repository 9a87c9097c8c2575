// What both clients have: a list of messages with their threads, and a line to type in.
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";

const NEAR = 120;

// Messages at the top level, each with those of its thread; what answers something out of sight stands alone.
function threaded(messages) {
  const here = new Set(messages.map((each) => each.id));
  const roots = messages.filter((each) => !(each.thread && each.thread !== each.id && here.has(each.thread)));
  return roots.map((root) => ({
    root,
    replies: messages.filter((each) => each !== root && each.thread === root.id),
  }));
}

export function Log({ label, messages, draw, empty }) {
  const list = useRef(null);
  const near = useRef(true);
  useLayoutEffect(() => {
    const element = list.current;
    if (near.current) element.scrollTop = element.scrollHeight;
  });
  useEffect(() => {
    // Cards and blocks get their height a moment after they are drawn.
    const element = list.current;
    const watching = new ResizeObserver(() => {
      if (near.current) element.scrollTop = element.scrollHeight;
    });
    watching.observe(element.firstElementChild);
    return () => watching.disconnect();
  }, []);
  const groups = threaded(messages);
  return (
    <div
      className="log"
      role="log"
      aria-label={label}
      tabIndex={0}
      ref={list}
      onScroll={({ currentTarget: at }) => {
        near.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR;
      }}
    >
      <div className="log-inside">
        {!groups.length && <p className="empty">{empty}</p>}
        {groups.map(({ root, replies }) => (
          <div className="group" key={root.id}>
            {draw(root)}
            {replies.length > 0 && <div className="replies">{replies.map((each) => draw(each))}</div>}
          </div>
        ))}
      </div>
    </div>
  );
}

// `prompts` are what the bot suggests; they are sent as they are. Without any there are `hints`, to begin with.
export function Composer({ label, hints, prompts = [], status = "", before, thread, onLeave, onSend }) {
  const [text, setText] = useState("");
  const [sending, setSending] = useState(0);
  const field = useRef(null);
  const id = useId();
  useEffect(() => {
    if (thread) field.current.focus();
  }, [thread]);

  async function send(words) {
    if (!words.trim()) return;
    setText("");
    setSending((count) => count + 1);
    await onSend(words.trim());
    setSending((count) => count - 1);
  }
  return (
    <form
      className="composer"
      aria-busy={sending > 0}
      onSubmit={(event) => {
        event.preventDefault();
        send(text);
      }}
    >
      {status && (
        <p className="status-line" role="status" aria-label="Status">
          {status}
        </p>
      )}
      <div className="hints" role="group" aria-label="Things to try">
        {prompts.map((prompt) => (
          <button key={prompt.title} type="button" className="prompt" title={prompt.message} onClick={() => send(prompt.message)}>
            {prompt.title}
          </button>
        ))}
        {hints.map((hint) => (
          <button
            key={hint}
            type="button"
            onClick={() => {
              setText(hint);
              field.current.focus();
            }}
          >
            {hint}
          </button>
        ))}
      </div>
      {thread && (
        <p className="in-thread">
          In a thread
          <button type="button" onClick={onLeave}>
            Leave it
          </button>
        </p>
      )}
      <div className="line">
        {before}
        <label className="unseen" htmlFor={id}>
          {label}
        </label>
        <textarea
          id={id}
          ref={field}
          rows={1}
          placeholder={label}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              send(text);
            }
          }}
        />
        <button type="submit" disabled={!text.trim()}>
          Send
        </button>
      </div>
    </form>
  );
}

export function Rooms({ rooms, room, onRoom, label }) {
  return (
    <div className="rooms" role="group" aria-label={label}>
      {rooms.map((each) => (
        <button key={each.id} type="button" aria-pressed={each.id === room.id} onClick={() => onRoom(each.id)}>
          {each.label ?? each.name}
        </button>
      ))}
    </div>
  );
}

export function Face({ name, bot }) {
  const initials = name
    .split(" ")
    .map((part) => part[0])
    .join("");
  return (
    <span className={`face ${bot ? "bot" : ""}`} aria-hidden="true">
      {bot ? (
        <svg viewBox="0 0 36 36">
          <path d="M11 6v24M25 6v24M11 12h14M11 18h14M11 24h14" stroke="currentColor" strokeWidth="3" />
        </svg>
      ) : (
        initials
      )}
    </span>
  );
}
