// Waits until a film plays in browsers: while it is being made, the box is asked now and then.

const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

// Resolves to {state, why}; `said` hears of each look. Rejects where the box does not answer.
export async function playable(address, said = () => {}) {
  for (;;) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(answer.statusText);
    const found = await answer.json();
    if (found.state !== "being made") return found;
    said(found);
    await wait(found.retry_after ?? 3);
  }
}

export const plays = (found) => found.state === "made" || found.state === "as it is";
