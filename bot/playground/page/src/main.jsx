import { useCallback, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { act, follow } from "./api.js";
import { Bar } from "./bar.jsx";
import { SlackPane } from "./slack.jsx";
import { TeamsPane } from "./teams.jsx";
import { WireDrawer } from "./wire.jsx";
import "slack-blocks-to-jsx/dist/style.css";
import "./page.css";

const NOTICE_MS = 8000;
const KEPT = 200;
const FIRST = "ada";

function Page() {
  const [person, setPerson] = useState(FIRST);
  const [state, setState] = useState(null);
  const [wire, setWire] = useState([]);
  const [lost, setLost] = useState(false);
  const [notice, setNotice] = useState("");
  const [open, setOpen] = useState(false);
  const [pane, setPane] = useState("slack");
  const timer = useRef(0);

  useEffect(() => {
    const ending = new AbortController();
    setWire([]);
    const use = (next, anew) => {
      setState(next);
      setWire((kept) => [...(anew ? [] : kept), ...next.wire].slice(-KEPT));
    };
    follow(person, ending.signal, use, setLost);
    return () => ending.abort();
  }, [person]);

  const tell = useCallback((line) => {
    clearTimeout(timer.current);
    setNotice(line);
    if (line) timer.current = setTimeout(() => setNotice(""), NOTICE_MS);
  }, []);

  const doAs = useCallback(
    async (what, more) => {
      const answer = await act(person, what, more);
      if (answer.notice) tell(answer.notice);
      return answer;
    },
    [person, tell],
  );

  const known = state?.people.find((one) => one.key === person);
  useEffect(() => {
    if (!known) return;
    doAs("teams.open");
    if (known.slack) doAs("slack.tab", { tab: "messages" });
  }, [known?.key, doAs]);

  if (!state) return <p className="loading">{lost ? "The playground cannot be reached." : "One moment …"}</p>;
  const mine = state.person === person;
  return (
    <>
      <Bar
        state={state}
        person={person}
        onPerson={setPerson}
        doAs={doAs}
        tell={tell}
        open={open}
        onWire={() => setOpen(!open)}
        pane={pane}
        onPane={setPane}
      />
      <p className="notice" role="status" aria-label="Notice" hidden={!(notice || lost)}>
        {lost ? "The playground does not answer. Is it still running?" : notice}
      </p>
      <main className={`panes shows-${pane}`} key={person} aria-busy={!mine}>
        <SlackPane slack={mine ? state.slack : null} person={known} doAs={doAs} tell={tell} />
        <TeamsPane teams={mine ? state.teams : null} doAs={doAs} tell={tell} />
      </main>
      {open && <WireDrawer wire={wire} onClose={() => setOpen(false)} />}
    </>
  );
}

createRoot(document.getElementById("page")).render(<Page />);
