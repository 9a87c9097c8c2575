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

const TYPING_MS = 250;

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

const THUMBS = { like: "Good answer", dislike: "Bad answer" };

function Thumbs({ rated, onRate }) {
  return (
    <p className="thumbs" role="group" aria-label="Was this answer good?">
      {Object.entries(THUMBS).map(([reaction, label]) => (
        <button
          key={reaction}
          type="button"
          aria-label={label}
          title={label}
          aria-pressed={rated === reaction}
          onClick={() => onRate(reaction)}
        >
          <svg viewBox="0 0 20 20" aria-hidden="true" className={reaction}>
            <path d="M2 9h3v8H2zM7 17V9l3-6c1.5 0 2 1 2 2l-.5 3H16c1 0 1.7.9 1.5 1.9l-1 5.5c-.2.9-.9 1.6-1.9 1.6z" />
          </svg>
        </button>
      ))}
    </p>
  );
}

// The search of the message extension: what it finds goes into the conversation as the person's own message.
function Search({ room, doAs, thread }) {
  const [open, setOpen] = useState(false);
  const [words, setWords] = useState("");
  const [found, setFound] = useState(null);
  const box = useRef(null);
  const opener = useRef(null);
  useEffect(() => {
    if (!open) return;
    let current = true;
    const timer = setTimeout(
      async () => {
        const answer = await doAs("teams.search", { room: room.id, words: words.trim() });
        if (current) setFound(answer);
      },
      words ? TYPING_MS : 0,
    );
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [open, words, room.id, doAs]);
  useEffect(() => {
    if (open) box.current.focus();
  }, [open]);

  function close() {
    setOpen(false);
    setWords("");
    setFound(null);
    opener.current?.focus();
  }
  if (!open) {
    return (
      <p className="opener">
        <button type="button" ref={opener} onClick={() => setOpen(true)}>
          Search the framework
        </button>
      </p>
    );
  }
  return (
    <section
      className="search"
      aria-label="Search the framework"
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <p className="line">
        <input
          ref={box}
          type="search"
          aria-label="Role, level, skill or word"
          placeholder="Role, level, skill or word"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <button type="button" onClick={close}>
          Close
        </button>
      </p>
      <p className="empty" role="status">
        {found ? found.line : "One moment …"}
      </p>
      {found?.results?.length > 0 && (
        <ul>
          {found.results.map((each, place) => (
            <li key={place}>
              <button
                type="button"
                data-testid="teams-result"
                onClick={() => {
                  doAs("teams.insert", { room: room.id, card: each.content, thread });
                  close();
                }}
              >
                <b>{each.preview.content.title}</b>
                <span>{each.preview.content.text}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
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
        {message.thumbs && <Thumbs rated={message.rated} onRate={(reaction) => doAs("teams.rate", { ...at, reaction })} />}
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
      <Search key={`search ${room.id}`} room={room} doAs={doAs} thread={thread} />
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
