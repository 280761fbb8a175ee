// The search box offers how a query could go on: a combobox with a list, by the ARIA pattern
// (arrows, Enter, Tab to take and go on typing, Esc). Without scripts it is a plain form.

const PAUSE = 90; // milliseconds without a key
const KEPT = 6; // searches that are remembered, in this browser only

class Box {
  constructor(input, number) {
    this.input = input;
    this.list = Object.assign(document.createElement("ul"), { id: `suggestions-${number}`, className: "suggestions", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Suggestions");
    const say = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(say)) input.setAttribute(name, value);
    input.after(this.list);
    this.offers = [];
    this.at = -1;
    this.asked = 0;
    input.addEventListener("input", () => this.soon());
    input.addEventListener("focus", () => this.soon(0));
    input.addEventListener("click", () => this.list.hidden && this.soon(0));
    input.addEventListener("blur", () => this.close());
    input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take(this.offers[Number(option.dataset.at)], true);
    });
    input.form.addEventListener("submit", () => remember(input.value));
  }

  soon(pause = PAUSE) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), pause);
  }

  async ask() {
    const typed = this.input.value;
    const number = ++this.asked;
    let offers = typed.trim() ? [] : recent().map((text) => ({ text, key: "", value: text, words: "again" }));
    try {
      const answer = await fetch(`/api/v1/suggest?limit=${8 - Math.min(offers.length, 3)}&q=${encodeURIComponent(typed)}`);
      if (answer.ok) offers = offers.slice(0, 3).concat((await answer.json()).suggestions);
    } catch {
      // The box is out of reach: what was typed can still be sent.
    }
    if (number === this.asked && typed === this.input.value && document.activeElement === this.input) this.show(offers);
  }

  show(offers) {
    this.offers = offers;
    this.at = -1;
    this.list.dataset.of = this.input.value;
    this.list.replaceChildren(...offers.map((offer, at) => option(offer, at, `${this.list.id}-${at}`)));
    this.list.hidden = !offers.length;
    this.input.setAttribute("aria-expanded", String(Boolean(offers.length)));
    this.mark();
  }

  close() {
    clearTimeout(this.timer);
    this.asked++;
    this.show([]);
  }

  mark() {
    [...this.list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === this.at)));
    const chosen = this.list.children[this.at];
    if (!chosen) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return this.soon(0);
      const count = this.offers.length + 1; // one more: back in the box
      this.at = ((this.at + 1 + (event.key === "ArrowDown" ? 1 : -1) + count) % count) - 1;
      this.mark();
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (open && this.at >= 0 && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      this.take(this.offers[this.at], event.key === "Enter");
    }
  }

  // A value is asked for at once; of a filter the value is still to be typed.
  take(offer, send) {
    if (this.list.dataset.of !== this.input.value) return this.soon(0); // more was typed meanwhile
    this.input.value = offer.value ? `${offer.text} ` : offer.text;
    this.input.focus();
    this.close();
    if (offer.value && send) this.input.form.requestSubmit();
    else this.soon(0);
  }
}

function option({ key, value, words, assets }, at, id) {
  const item = Object.assign(document.createElement("li"), { id });
  item.dataset.at = at;
  item.setAttribute("role", "option");
  const chip = Object.assign(document.createElement("span"), { className: "chip", textContent: key ? `${key}:${value}` : value });
  const said = assets ? assets.toLocaleString("en") : value && [`${key}: ${value}`, `${key} ${value}`].includes(words) ? "" : words;
  item.append(chip, Object.assign(document.createElement("small"), { textContent: said }));
  return item;
}

function recent() {
  try {
    return JSON.parse(localStorage.getItem("searches") ?? "[]").filter((text) => typeof text === "string");
  } catch {
    return [];
  }
}

function remember(text) {
  const said = text.trim();
  if (!said) return;
  try {
    localStorage.setItem("searches", JSON.stringify([said, ...recent().filter((one) => one !== said)].slice(0, KEPT)));
  } catch {
    // A browser that keeps nothing: then nothing is offered again.
  }
}

document.querySelectorAll("input[type=search][name=q]").forEach((input, number) => new Box(input, number));
