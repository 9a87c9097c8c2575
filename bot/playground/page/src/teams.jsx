import { memo, useEffect, useRef, useState } from "react";
import { draw } from "./card.js";
import { Composer, Face, Log, Rooms } from "./room.jsx";

const CARD = "application/vnd.microsoft.card.adaptive";
const CONSENT = "application/vnd.microsoft.teams.card.file.consent";
const INFO = "application/vnd.microsoft.teams.card.file.info";

const HINTS = {
  direct: ["senior ML engineer", "Help me find my level", "Remind me on Mondays at 9", "My overview"],
  shared: ["@Rung senior ML engineer", "/skill ML Engineer senior"],
};

const dark = window.matchMedia("(prefers-color-scheme: dark)");

function useDark() {
  const [is, setIs] = useState(dark.matches);
  useEffect(() => {
    const change = () => setIs(dark.matches);
    dark.addEventListener("change", change);
    return () => dark.removeEventListener("change", change);
  }, []);
  return is;
}

// A card is drawn anew only when it is another one: what stands in its fields would be gone.
const Card = memo(
  function Card({ content, onAction }) {
    const place = useRef(null);
    const act = useRef(onAction);
    act.current = onAction;
    const isDark = useDark();
    useEffect(() => {
      place.current.replaceChildren(draw(content, isDark, (action) => act.current(action)));
    }, [content, isDark]);
    return <div className="card" ref={place} />;
  },
  (before, after) => JSON.stringify(before.content) === JSON.stringify(after.content),
);

function Consent({ offer, onAnswer }) {
  return (
    <div className="card offer">
      <p>
        <b>{offer.name}</b>
        <span>
          {offer.content.description} · {offer.content.sizeInBytes} bytes
        </span>
      </p>
      <p className="actions">
        <button type="button" className="pressable primary" onClick={() => onAnswer(true)}>
          Allow
        </button>
        <button type="button" className="pressable" onClick={() => onAnswer(false)}>
          Decline
        </button>
      </p>
    </div>
  );
}

function Attachment({ each, onAction, onAnswer }) {
  switch (each.contentType) {
    case CARD:
      return <Card content={each.content} onAction={onAction} />;
    case CONSENT:
      return <Consent offer={each} onAnswer={onAnswer} />;
    case INFO:
      return (
        <a className="file" href={`/playground/files/teams/${each.content.uniqueId}`} download={each.name}>
          <b>{each.name}</b>
          <span>In your OneDrive</span>
        </a>
      );
    default:
      return <em>The playground draws no {each.contentType}.</em>;
  }
}

function TeamsMessage({ message, room, doAs, onThread }) {
  const at = { room: room.id, id: message.id };
  return (
    <article className={`message ${message.private ? "private" : ""} ${message.bot ? "" : "own"}`} data-testid="teams-message">
      <Face name={message.name} bot={message.bot} />
      <div className="said">
        {message.private && <p className="only">Only you can see this message</p>}
        <p className="by">
          <b>{message.name}</b>
          <time>{message.at.slice(11, 16)}</time>
          {message.edited && <span className="edited">Edited</span>}
        </p>
        {message.text && <p className="text">{message.text}</p>}
        {message.attachments.map((each, place) => (
          <Attachment
            key={place}
            each={each}
            onAction={(action) => doAs("teams.press", { ...at, action })}
            onAnswer={(accept) => doAs("teams.consent", { ...at, accept })}
          />
        ))}
        {message.told && (
          <p className="told" role="status">
            {message.told}
          </p>
        )}
        {room.shared && !message.private && (
          <p className="menu">
            <button type="button" onClick={() => onThread(message.thread || message.id)}>
              Reply
            </button>
          </p>
        )}
      </div>
    </article>
  );
}

export function TeamsPane({ teams, doAs, tell }) {
  const [chosen, setChosen] = useState("");
  const [thread, setThread] = useState("");
  if (!teams) {
    return (
      <section className="pane teams" aria-label="Teams">
        <p className="empty">One moment …</p>
      </section>
    );
  }
  const room = teams.rooms.find((each) => each.id === chosen) ?? teams.rooms[0];
  return (
    <section className="pane teams" aria-label="Teams">
      <header>
        <h2>
          Teams <span>{teams.tenant}</span>
        </h2>
        <Rooms
          rooms={teams.rooms}
          room={room}
          label="Rooms in Teams"
          onRoom={(id) => {
            setChosen(id);
            setThread("");
            tell("");
          }}
        />
      </header>
      <Log
        key={room.id}
        label={`Messages in ${room.name}, Teams`}
        messages={room.messages}
        empty={room.shared ? "Mention @Rung here, or type /skill." : "Say something to Rung."}
        draw={(message) => (
          <TeamsMessage key={message.id} message={message} room={room} doAs={doAs} onThread={setThread} />
        )}
      />
      <Composer
        label={`Message ${room.name}`}
        hints={HINTS[room.shared ? "shared" : "direct"]}
        thread={thread}
        onLeave={() => setThread("")}
        onSend={(text) => doAs("teams.say", { room: room.id, text, thread })}
      />
    </section>
  );
}
