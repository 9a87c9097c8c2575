// What the page asks of the playground's server.

const HOLD_MS = 1000;

// Hands every state of a person to `use` until the signal ends it; `lost` tells whether the server is away.
export async function follow(person, signal, use, lost) {
  let version = -1;
  let after = 0;
  while (!signal.aborted) {
    try {
      const query = new URLSearchParams({ person, version, after });
      const answer = await fetch(`/playground/state?${query}`, { signal });
      if (!answer.ok) throw new Error(answer.statusText);
      const state = await answer.json();
      // A server that was started anew counts from the beginning.
      const anew = state.version < version;
      version = anew ? -1 : state.version;
      after = anew ? 0 : (state.wire.at(-1)?.number ?? after);
      if (!signal.aborted) use(state, anew);
      lost(false);
    } catch (error) {
      if (signal.aborted) return;
      lost(true);
      await new Promise((done) => setTimeout(done, HOLD_MS));
    }
  }
}

// Does something as a person; what the server says about it.
export async function act(person, what, more = {}) {
  try {
    const answer = await fetch("/playground/do", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ person, do: what, ...more }),
    });
    if (answer.ok) return await answer.json();
    return { notice: `The playground did not do that (${answer.status}).` };
  } catch {
    return { notice: "The playground cannot be reached. Does it still run?" };
  }
}
