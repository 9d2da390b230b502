// What the pages gain where JavaScript runs; every page works without it.
import { initAll } from "./govuk-frontend.min.js";
import { chapter } from "./chapter.js";
import { watchSession } from "./session.js";
import { showWhenChosen } from "./shown.js";
import { offerSuggestions } from "./suggest.js";

// One click is one act: a form that has been sent is not sent again for five seconds. The server holds against doubles
// by itself; this only saves people from wondering.
function sendOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const once = form.hasAttribute("data-prevent-double-click") || event.submitter?.hasAttribute("data-prevent-double-click");
    if (!once || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    window.setTimeout(() => delete form.dataset.sent, 5000);
  });
  // A page that comes back with the back button may be sent again at once.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
}

// <div data-progress-url="…"><p data-progress-text role="status">…</p><progress max="100" value="0">…</progress></div>
// A [data-progress-waiting] anywhere on the page is hidden when there is nothing to wait for any more.
// The address answers {"percent": 0-100, "text": "…", "url": "…" once ready, "label": "…", "failed": true where it failed}.
function followProgress(place) {
  const text = place.querySelector("[data-progress-text]");
  const bar = place.querySelector("progress");
  const reload = place.querySelector("[data-progress-reload]");
  const waiting = document.querySelector("[data-progress-waiting]");
  if (reload) reload.hidden = true;

  function say(words) {
    if (text && text.textContent !== words) text.textContent = words;
  }

  async function ask() {
    let state;
    try {
      const answer = await fetch(place.dataset.progressUrl, { headers: { Accept: "application/json" }, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      state = await answer.json();
    } catch {
      say("We cannot tell how far it has got. Load the page again to see.");
      if (reload) reload.hidden = false;
      return;
    }
    if (bar) bar.value = state.percent ?? 0;
    say(state.text ?? "");
    if (waiting && (state.url || state.failed)) waiting.hidden = true;
    if (state.url) {
      const link = document.createElement("a");
      link.className = "govuk-button";
      link.href = state.url;
      link.textContent = state.label ?? "Download";
      if (bar) bar.replaceWith(link);
      else place.append(link);
    } else if (!state.failed) {
      window.setTimeout(ask, 1500);
    }
  }
  ask();
}

function offerPrinting() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

// <button data-copy="id" hidden>…</button> copies the text of the element with that id, a line for each list item.
function offerCopying() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    const source = document.getElementById(button.dataset.copy);
    if (!source) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const lines = [...source.querySelectorAll("li")].map((item) => item.textContent.trim());
      try {
        await navigator.clipboard.writeText(lines.length ? lines.join("\n") : source.textContent.trim());
        button.textContent = "Copied";
      } catch {
        button.textContent = "Could not copy: select the text instead";
      }
    });
  }
}

initAll();
sendOnce();
offerPrinting();
offerCopying();
showWhenChosen();
document.querySelectorAll("[data-progress-url]").forEach(followProgress);
chapter();
document.querySelectorAll("[data-suggest-url]").forEach(offerSuggestions);
watchSession();
