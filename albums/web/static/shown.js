// The viewer puts the next asset in the place of the last without a new page: what works on an asset
// does so for the first, and again for each that is shown after it.

export function whenShown(act) {
  addEventListener("shown", (event) => act(event.detail));
  act(document);
}

export const show = (root) => dispatchEvent(new CustomEvent("shown", { detail: root }));
