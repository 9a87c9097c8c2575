import { useState } from "react";

const DAY = 24 * 60 * 60 * 1000;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

// The wall clock of a local time, as a Date that counts as if it were in UTC: no zone of the browser comes in.
const wall = (iso) => new Date(`${iso.slice(0, 16)}:00Z`);
const written = (date) => date.toISOString().slice(0, 16);
const spoken = (iso) => `${WEEKDAYS[wall(iso).getUTCDay()]} ${iso.slice(0, 10)} ${iso.slice(11, 16)}`;

// Five minutes after nine, because a nudge “at 9” comes within five minutes of it.
function nextMonday(iso) {
  const day = wall(iso);
  const ahead = (8 - day.getUTCDay()) % 7 || 7;
  return `${written(new Date(day.getTime() + ahead * DAY)).slice(0, 10)}T09:05`;
}

function tomorrow(iso) {
  return `${written(new Date(wall(iso).getTime() + DAY)).slice(0, 10)}T09:00`;
}

export function Bar({ state, person, onPerson, doAs, tell, open, onWire, pane, onPane }) {
  const { clock, people } = state;
  const [moving, setMoving] = useState(false);
  const [chosen, setChosen] = useState("");
  const [asking, setAsking] = useState(false);

  async function move(what, more, goal) {
    setMoving(true);
    tell("The clock goes on, with a stop at every nudge on the way …");
    const answer = await doAs(what, more);
    setMoving(false);
    if (answer.stops !== undefined) {
      const stops = answer.stops === 1 ? "one nudge was" : `${answer.stops || "no"} nudges were`;
      tell(`It is ${goal} now; ${stops} due on the way.`);
    }
  }
  const to = (local) => move("clock", { to: local }, spoken(local));

  return (
    <header className="bar">
      <h1>
        <svg viewBox="0 0 36 36" aria-hidden="true">
          <rect width="36" height="36" rx="8" fill="#2f5d50" />
          <path d="M11 6v24M25 6v24M11 12h14M11 18h14M11 24h14" stroke="#fff" strokeWidth="3" />
        </svg>
        Rung’s playground
      </h1>
      <label className="who">
        <span>You are</span>
        <select value={person} onChange={(event) => onPerson(event.target.value)}>
          {people.map((one) => (
            <option key={one.key} value={one.key}>
              {`${one.name} — ${one.job} (${one.company})`}
            </option>
          ))}
        </select>
      </label>
      <div className="clock" role="group" aria-label="Clock">
        <output aria-label={`Time in ${clock.zone}`} title={clock.zone} data-testid="now">
          {spoken(clock.local)}
        </output>
        <details className="mover">
          <summary>
            Move <span className="wide">the clock</span>
          </summary>
          <div>
            <button type="button" disabled={moving} onClick={() => to(nextMonday(clock.local))}>
              Next Monday 09:05
            </button>
            <button type="button" disabled={moving} onClick={() => to(tomorrow(clock.local))}>
              Tomorrow 09:00
            </button>
            <button
              type="button"
              disabled={moving || !clock.nudge}
              onClick={() => move("clock.nudge", {}, spoken(clock.nudge))}
            >
              {clock.nudge ? `Next nudge: ${spoken(clock.nudge)}` : "Next nudge: none is due"}
            </button>
            <form
              onSubmit={(event) => {
                event.preventDefault();
                if (chosen) to(chosen);
              }}
            >
              <label>
                <span>Or to</span>
                <input
                  type="datetime-local"
                  min={clock.local.slice(0, 16)}
                  value={chosen}
                  onChange={(event) => setChosen(event.target.value)}
                />
              </label>
              <button type="submit" disabled={moving || !chosen}>
                Go
              </button>
            </form>
          </div>
        </details>
      </div>
      <button
        type="button"
        className="colleagues"
        disabled={asking}
        title="24 colleagues whom nobody plays answer their open invitations to a team"
        onClick={async () => {
          setAsking(true);
          await doAs("colleagues");
          setAsking(false);
        }}
      >
        Colleagues <span className="wide">answer</span>
      </button>
      <div className="which" role="group" aria-label="Client">
        {["slack", "teams"].map((each) => (
          <button key={each} type="button" aria-pressed={pane === each} onClick={() => onPane(each)}>
            {each === "slack" ? "Slack" : "Teams"}
          </button>
        ))}
      </div>
      <button type="button" className="to-wire" aria-expanded={open} aria-controls="wire" onClick={onWire}>
        Wire
      </button>
    </header>
  );
}
