// A chapter: the contents follow the reader, fold on a phone, and a section's link is copied instead of followed.

// The last section whose top has passed the upper third of the window is the one that is read.
function followReader(contents) {
  const links = new Map();
  for (const link of contents.querySelectorAll('a[href^="#"]')) {
    const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (section) links.set(section, link);
  }
  const sections = [...links.keys()];
  let current = null;
  let waiting = false;

  function mark() {
    waiting = false;
    const line = window.innerHeight / 3;
    const ended = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    const passed = sections.filter((section) => section.getBoundingClientRect().top <= line);
    const link = links.get(ended ? sections.at(-1) : (passed.at(-1) ?? sections[0]));
    if (link === current) return;
    current?.removeAttribute("aria-current");
    current = link;
    current?.setAttribute("aria-current", "location");
    // Only the list itself scrolls, never the page under the reader.
    if (current && contents.scrollHeight > contents.clientHeight) {
      contents.scrollTop = current.offsetTop - contents.clientHeight / 3;
    }
  }

  function soon() {
    if (waiting) return;
    waiting = true;
    window.requestAnimationFrame(mark);
  }
  window.addEventListener("scroll", soon, { passive: true });
  window.addEventListener("resize", soon, { passive: true });
  mark();
}

function foldOnPhones(contents) {
  const details = contents.querySelector("details");
  const phone = window.matchMedia("(max-width: 40.0525em)");
  const fold = () => (details.open = !phone.matches);
  phone.addEventListener("change", fold);
  fold();
  contents.addEventListener("click", (event) => {
    if (phone.matches && event.target.closest("a")) details.open = false;
  });
}

function copyLinks() {
  if (!navigator.clipboard) return;
  const said = document.createElement("p");
  said.className = "govuk-visually-hidden";
  said.setAttribute("role", "status");
  document.querySelector("main").append(said);
  for (const link of document.querySelectorAll("[data-copy-link]")) {
    const word = link.firstChild;
    word.textContent = "Copy link";
    link.addEventListener("click", async (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      try {
        await navigator.clipboard.writeText(link.href);
        word.textContent = "Link copied";
        said.textContent = "Link copied";
        window.setTimeout(() => (word.textContent = "Copy link"), 3000);
      } catch {
        window.location.assign(link.href);
      }
    });
  }
}

export function chapter() {
  for (const contents of document.querySelectorAll("[data-contents]")) {
    foldOnPhones(contents);
    followReader(contents);
  }
  copyLinks();
}
