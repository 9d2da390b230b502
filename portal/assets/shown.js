// <div data-shown-when="name" data-shown-for="yes partly">…</div> waits until a box called `name` with one of these values
// is chosen; without values, until any is. The server decides by itself which answers count, and what is typed in a part
// that is hidden again is kept. A part that holds an error is always shown. Without JavaScript everything is.
function chosen(part) {
  const { shownWhen, shownFor } = part.dataset;
  const values = shownFor ? shownFor.split(" ") : null;
  const boxes = part.closest("form").querySelectorAll(`[name="${CSS.escape(shownWhen)}"]:checked`);
  return [...boxes].some((box) => (!values || values.includes(box.value)) && !box.closest("[data-shown-when][hidden]"));
}

export function showWhenChosen() {
  const parts = [...document.querySelectorAll("form [data-shown-when]")];
  // In the order of the page: a part may wait for an answer of a part that waits itself.
  function look() {
    for (const part of parts) part.hidden = !chosen(part) && !part.querySelector(".govuk-form-group--error");
  }
  if (!parts.length) return;
  look();
  document.addEventListener("change", look);
  window.addEventListener("pageshow", look);
}
