// Warns before a verified session locks, and covers the page once it has. The server decides; this only tells.
//
// All tabs of a browser share one session, so the time of locking is kept in localStorage: the tab that was used last
// sets it, the others read it. Nothing else is stored.
const KEY = "portal-locks-at";

function clockTime(moment) {
  return new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

function remember(moment) {
  try {
    localStorage.setItem(KEY, String(moment));
  } catch {
    // Private windows may refuse storage; this tab then keeps its own time.
  }
}

function recall() {
  try {
    return Number(localStorage.getItem(KEY)) || 0;
  } catch {
    return 0;
  }
}

export function watchSession() {
  const { sessionIdleSeconds, sessionWarningSeconds, stayUrl } = document.body.dataset;
  const dialog = document.getElementById("session-dialog");
  if (!stayUrl || !dialog || typeof dialog.showModal !== "function") return;

  const warning = Number(sessionWarningSeconds) * 1000;
  const title = dialog.querySelector("[data-session-text=title]");
  const body = dialog.querySelector("[data-session-text=body]");
  const stay = dialog.querySelector("[data-session-stay]");
  const unlock = dialog.querySelector("[data-session-unlock]");
  let locksAt = 0;
  let shown = "";

  function setClock(seconds) {
    locksAt = Date.now() + seconds * 1000;
    remember(locksAt);
  }

  function show(state) {
    // Browsers let a person close any dialog by pressing Escape twice; a locked page is covered again.
    if (state && !dialog.open) dialog.showModal();
    if (!state && dialog.open) dialog.close();
    if (shown === state) return;
    shown = state;
    const locked = state === "locked";
    dialog.classList.toggle("portal-dialog--locked", locked);
    stay.hidden = locked;
    unlock.hidden = !locked;
    if (locked) {
      title.textContent = `You were locked out at ${clockTime(locksAt)}`;
      body.textContent = "What you typed on this page is still here. To go on, show that it is you.";
    } else if (state === "warning") {
      title.textContent = `You will be locked out at ${clockTime(locksAt)}`;
      body.textContent = "Nothing has been sent from this browser for a while. What you typed stays where it is.";
    }
  }

  function look() {
    locksAt = recall() || locksAt;
    const left = locksAt - Date.now();
    show(left <= 0 ? "locked" : left <= warning ? "warning" : "");
  }

  async function staySignedIn(event) {
    event.preventDefault();
    try {
      const answer = await fetch(stayUrl, {
        method: "POST",
        body: new FormData(stay),
        headers: { Accept: "application/json" },
        redirect: "error",
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = answer.status === 204 ? {} : await answer.json();
      setClock(Number(told.seconds ?? sessionIdleSeconds));
      look();
    } catch {
      // Locked already, or no connection: either way the truth is found out by going there.
      body.textContent = "We could not keep you signed in. Copy what you typed, then load the page again.";
    }
  }

  stay.addEventListener("submit", staySignedIn);
  // Escape must not close the cover of a locked page; on the warning it means "I have seen it, I stay".
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (shown === "warning") stay.requestSubmit();
  });
  window.addEventListener("storage", (event) => {
    if (event.key === KEY) look();
  });
  document.addEventListener("visibilitychange", look);

  setClock(Number(sessionIdleSeconds));
  window.setInterval(look, 1000);
}
