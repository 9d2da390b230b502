// <div data-import-progress="…"><p role="status">…</p><progress max="100">…</progress></div>
// The address answers {"percent", "text", "ready"}; once ready, the page is loaded again and shows what there is.
const place = document.querySelector("[data-import-progress]");

async function ask() {
  try {
    const answer = await fetch(place.dataset.importProgress, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    const state = await answer.json();
    place.querySelector("progress").value = state.percent;
    const text = place.querySelector("[role=status]");
    if (text.textContent !== state.text) text.textContent = state.text;
    if (state.ready) {
      window.location.reload();
      return;
    }
    window.setTimeout(ask, 1000);
  } catch {
    place.querySelector("[role=status]").textContent = "We cannot tell how far it has got. Load the page again to see.";
  }
}

if (place) ask();
