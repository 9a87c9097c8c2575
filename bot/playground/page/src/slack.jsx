import { useEffect, useRef, useState } from "react";
import { Around, Blocks, missing, untouched } from "./blocks.jsx";
import { Composer, Face, Log, Rooms } from "./room.jsx";

const HINTS = {
  direct: ["What does a senior ML engineer need?", "Remind me on Mondays at 9", "My promotion packet"],
  shared: ["/skill ML Engineer senior", "@Rung who needs TensorRT?"],
};

// Text without blocks, as Slack hands it on: mentions of people and channels, and three escaped characters.
function plain(text, users) {
  return text
    .replace(/<@([UW][A-Z0-9]+)>/g, (whole, id) => `@${users.find((one) => one.id === id)?.name ?? id}`)
    .replace(/<#[CG][A-Z0-9]+\|([^>]*)>/g, "#$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

function SlackMessage({ message, room, users, doAs, onThread }) {
  const press = (action, state) => doAs("slack.press", { room: room.id, id: message.id, action, state });
  return (
    <article className={`message ${message.private ? "private" : ""}`} data-testid="slack-message">
      <Face name={message.name} bot={message.bot} />
      <div className="said">
        {message.private && <p className="only">Only visible to you</p>}
        <p className="by">
          <b>{message.name}</b>
          {message.bot && <span className="app">APP</span>}
          <time>{message.at.slice(11, 16)}</time>
        </p>
        {message.blocks.length > 0 ? (
          <Blocks blocks={message.blocks} users={users} onAction={press} />
        ) : (
          message.text && (
            <p className="text">
              {plain(message.text, users)}
              {message.edited && <span className="edited"> (edited)</span>}
            </p>
          )
        )}
        {message.files.map((file) => (
          <a key={file.key} className="file" href={`/playground/files/slack/${file.key}`} download={file.name}>
            <b>{file.title}</b>
            <span>{file.name}</span>
          </a>
        ))}
        {!message.private && (
          <p className="menu">
            <button type="button" onClick={() => onThread(message.thread || message.id)}>
              Reply in thread
            </button>
            {message.text && (
              <button type="button" onClick={() => doAs("slack.save", { room: room.id, id: message.id })}>
                Save as evidence
              </button>
            )}
          </p>
        )}
      </div>
    </article>
  );
}

function Modal({ view, users, doAs }) {
  const dialog = useRef(null);
  const filled = useRef(untouched(view.blocks));
  const [errors, setErrors] = useState({});
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    dialog.current.showModal();
  }, []);
  const close = () => doAs("slack.close", { id: view.id });
  async function submit(event) {
    event.preventDefault();
    if (!view.submit) return;
    const lacking = missing(view.blocks, filled.current);
    setErrors(lacking);
    if (Object.keys(lacking).length || busy) return;
    setBusy(true);
    const answer = await doAs("slack.submit", { id: view.id, state: filled.current });
    setBusy(false);
    setErrors(answer.errors ?? {});
  }
  return (
    <dialog
      ref={dialog}
      className="modal"
      aria-labelledby="modal-title"
      data-testid="slack-modal"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <form noValidate onSubmit={submit}>
        <header>
          <h2 id="modal-title">{view.title.text}</h2>
          <button type="button" aria-label="Close the window" onClick={close}>
            ✕
          </button>
        </header>
        <div className="modal-body">
          <Blocks
            blocks={view.blocks}
            users={users}
            errors={errors}
            filled={(state) => {
              filled.current = state;
            }}
            onAction={(action) => doAs("slack.press_window", { id: view.id, action, state: filled.current })}
          />
        </div>
        <footer>
          {view.close && (
            <button type="button" className="pressable" onClick={close}>
              {view.close.text}
            </button>
          )}
          {view.submit && (
            <button type="submit" className="pressable primary" disabled={busy}>
              {view.submit.text}
            </button>
          )}
        </footer>
      </form>
    </dialog>
  );
}

// What one can start from anywhere in Slack.
function Shortcuts({ doAs }) {
  const menu = useRef(null);
  return (
    <details className="shortcuts" ref={menu}>
      <summary aria-label="Shortcuts" title="Shortcuts">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M13 2 5 14h6l-1 8 9-13h-6z" />
        </svg>
      </summary>
      <div>
        <button
          type="button"
          onClick={() => {
            menu.current.open = false;
            doAs("slack.start");
          }}
        >
          <b>Find my level</b>
          <span>Rung</span>
        </button>
      </div>
    </details>
  );
}

function Home({ view, users, doAs }) {
  const page = useRef(null);
  useEffect(() => {
    page.current.scrollTop = 0;
  }, [view?.hash]);
  return (
    <div className="log home" tabIndex={0} role="region" aria-label="Home of Rung" ref={page} data-testid="slack-home">
      {view ? (
        <Blocks
          key={view.hash}
          blocks={view.blocks}
          users={users}
          onAction={(action, state) => doAs("slack.press_home", { action, state })}
        />
      ) : (
        <p className="empty">Rung has put nothing here yet.</p>
      )}
    </div>
  );
}

export function SlackPane({ slack, person, doAs, tell }) {
  const [chosen, setChosen] = useState("");
  const [tab, setTab] = useState("messages");
  const [thread, setThread] = useState("");
  if (!slack) {
    return (
      <section className="pane slack" aria-label="Slack">
        <p className="empty">
          {person && !person.slack
            ? `${person.company} has no Slack here: one bot token belongs to one workspace. Look at the Teams client.`
            : "One moment …"}
        </p>
      </section>
    );
  }
  const room = slack.rooms.find((each) => each.id === chosen) ?? slack.rooms[0];
  const rooms = slack.rooms.map((each) => ({ ...each, label: each.shared ? `# ${each.name}` : each.name }));
  const show = (next) => {
    setTab(next);
    doAs("slack.tab", { tab: next });
  };
  const view = slack.windows.at(-1);
  const home = !room.shared && tab === "home";
  return (
    <Around.Provider value={slack}>
    <section className="pane slack" aria-label="Slack">
      <header>
        <h2>
          Slack <span>{slack.workspace}</span>
        </h2>
        <Rooms
          rooms={rooms}
          room={room}
          label="Rooms in Slack"
          onRoom={(id) => {
            setChosen(id);
            setThread("");
            tell("");
          }}
        />
      </header>
      {!room.shared && (
        <div className="tabs" role="group" aria-label="Tabs of Rung">
          {["home", "messages"].map((each) => (
            <button key={each} type="button" aria-pressed={tab === each} onClick={() => show(each)}>
              {each === "home" ? "Home" : "Messages"}
            </button>
          ))}
        </div>
      )}
      {home ? (
        <Home view={slack.home} users={slack.users} doAs={doAs} />
      ) : (
        <>
          <Log
            key={room.id}
            label={`Messages in ${room.shared ? "#" : ""}${room.name}, Slack`}
            messages={room.messages}
            empty={room.shared ? `Mention @Rung here, or type ${slack.command}.` : "Say something to Rung."}
            draw={(message) => (
              <SlackMessage
                key={message.id}
                message={message}
                room={room}
                users={slack.users}
                doAs={doAs}
                onThread={setThread}
              />
            )}
          />
          <Composer
            label={`Message ${room.shared ? `#${room.name}` : room.name}`}
            hints={HINTS[room.shared ? "shared" : "direct"]}
            prompts={room.prompts}
            status={room.status && `Rung ${room.status.line}`}
            before={<Shortcuts doAs={doAs} />}
            thread={thread}
            onLeave={() => setThread("")}
            onSend={(text) => doAs("slack.say", { room: room.id, text, thread })}
          />
        </>
      )}
      {view && <Modal key={view.hash} view={view} users={slack.users} doAs={doAs} />}
    </section>
    </Around.Provider>
  );
}
