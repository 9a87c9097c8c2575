import { useState } from "react";

const NAMES = { slack: "Slack", teams: "Teams" };

function Exchange({ each }) {
  const toBot = each.to === "bot";
  return (
    <li className={each.status >= 400 || each.answer?.ok === false ? "failed" : ""}>
      <details>
        <summary>
          <time>{each.at.slice(11, 19)}</time>
          <span className={`from ${each.platform}`}>{toBot ? `${NAMES[each.platform]} → Rung` : `Rung → ${NAMES[each.platform]}`}</span>
          <code>{each.name}</code>
          <span className="status">{each.answer?.ok === false ? each.answer.error : each.status}</span>
        </summary>
        <div className="bodies">
          <section>
            <h3>Request</h3>
            <pre tabIndex={0}>{pretty(each.request)}</pre>
          </section>
          <section>
            <h3>Answer</h3>
            <pre tabIndex={0}>{pretty(each.answer)}</pre>
          </section>
        </div>
      </details>
    </li>
  );
}

const pretty = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

export function WireDrawer({ wire, onClose }) {
  const [of, setOf] = useState("both");
  const shown = wire.filter((each) => of === "both" || each.platform === of).reverse();
  return (
    <aside id="wire" className="wire" aria-label="What went over the wire">
      <header>
        <h2>Over the wire</h2>
        <label>
          <span>Show</span>
          <select value={of} onChange={(event) => setOf(event.target.value)}>
            <option value="both">both</option>
            <option value="slack">Slack</option>
            <option value="teams">Teams</option>
          </select>
        </label>
        <button type="button" onClick={onClose} aria-label="Close the wire">
          ✕
        </button>
      </header>
      <ol>
        {shown.map((each) => (
          <Exchange key={each.number} each={each} />
        ))}
      </ol>
      {!shown.length && <p>Nothing yet.</p>}
    </aside>
  );
}
