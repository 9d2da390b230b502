// Suggestions under a search box: a combobox with a list box (ARIA practices). Without it the box is a plain form.
const WAIT = 180; // milliseconds after the last key
const SHORTEST = 2;

export function offerSuggestions(form) {
  const input = form.querySelector('input[type="search"]');
  const list = form.querySelector('[role="listbox"]');
  const status = form.querySelector("[data-suggest-status]");
  if (!input || !list) return;
  let timer, asking, chosen = -1;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  function close() {
    window.clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(place) {
    const items = [...list.children];
    chosen = place < -1 ? items.length - 1 : place >= items.length ? -1 : place;
    items.forEach((item, index) => item.setAttribute("aria-selected", String(index === chosen)));
    if (chosen < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", items[chosen].id);
    items[chosen].scrollIntoView({ block: "nearest" });
  }

  function show(found) {
    list.replaceChildren(
      ...found.map((one, index) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${index}`;
        item.className = "portal-suggestions__item";
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        item.dataset.url = one.url;
        item.textContent = one.label;
        if (one.chapter) {
          const where = document.createElement("span");
          where.className = "portal-suggestions__where";
          where.textContent = one.chapter;
          item.append(" ", where);
        }
        return item;
      }),
    );
    chosen = -1;
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    input.removeAttribute("aria-activedescendant");
    if (status) status.textContent = found.length ? `${found.length} suggestions. Use the arrow keys.` : "No suggestions.";
  }

  async function ask() {
    const typed = input.value.trim();
    if (typed.length < SHORTEST) return close();
    asking?.abort();
    asking = new AbortController();
    try {
      const address = `${form.dataset.suggestUrl}?${new URLSearchParams({ q: typed.slice(0, 200) })}`;
      const options = { headers: { Accept: "application/json" }, redirect: "error", signal: asking.signal };
      const answer = await fetch(address, options);
      if (!answer.ok) return close();
      const { suggestions } = await answer.json();
      if (document.activeElement === input) show(suggestions);
    } catch {
      // Slow, signed out or typed on meanwhile: the form itself still searches.
    }
  }

  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return;
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && chosen >= 0 && !list.hidden) {
      event.preventDefault();
      window.location.assign(list.children[chosen].dataset.url);
    } else if (event.key === "Tab") {
      close();
    }
  });
  // Before the box loses the focus, which closes the list.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest('[role="option"]');
    if (item) window.location.assign(item.dataset.url);
  });
  input.addEventListener("blur", close);
}
