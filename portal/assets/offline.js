// The one script of the manual's offline copy (procedures/exporting/offline.py): printing, and search in the index that
// lies beside it. An ordinary script without imports or requests, because pages on a file share may use neither.
(function () {
  "use strict";
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  const place = document.querySelector("[data-results]");
  if (!place || !window.manualIndex) return;
  const MOST = 30;
  const ENDINGS = /(?:ations?|ingly|ings?|edly|ed|ies|ily|ly|es|s|al|y|e)$/;
  const asked = (new URLSearchParams(window.location.search).get("q") || "").slice(0, 1000).trim();
  document.querySelector("#manual-search").value = asked;

  function plain(text) {
    return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  }

  // "referring" finds "referral": words are compared by how they begin, without their usual endings.
  function beginning(word) {
    const short = word.replace(ENDINGS, "");
    const kept = short.length >= 3 ? short : word;
    return kept.replace(/(.)\1$/, "$1");
  }

  function pattern(word) {
    return new RegExp("(^|[^\\p{L}\\p{N}])(" + beginning(word).replace(/[.*+?^${}()|[\]\\]/g, "\\$&") + "[\\p{L}\\p{N}]*)", "gu");
  }

  function count(text, find) {
    find.lastIndex = 0;
    let found = 0;
    while (found < 8 && find.exec(text)) found += 1;
    return found;
  }

  function search(words) {
    const finders = words.map(pattern);
    const results = [];
    window.manualIndex.forEach(function (entry, order) {
      const title = plain(entry[2] || entry[1]);
      const chapter = plain(entry[1]);
      const text = plain(entry[3]);
      let score = 0;
      let held = 0;
      finders.forEach(function (find) {
        const points = 6 * Math.min(count(title, find), 1) + 2 * Math.min(count(chapter, find), 1) + Math.log2(1 + count(text, find));
        if (points > 0) held += 1;
        score += points;
      });
      if (held) results.push({ entry: entry, held: held, score: score, order: order });
    });
    results.sort(function (a, b) { return b.held - a.held || b.score - a.score || a.order - b.order; });
    return results;
  }

  function make(name, className, text) {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  // Some of the text around the first match, every match marked. Lower case without accents has the same length in
  // nearly every script; where it has not, the text is shown unmarked.
  function snippet(text, words) {
    const line = make("p", "govuk-body portal-results__snippet");
    const low = plain(text);
    if (low.length !== text.length) {
      line.textContent = text.slice(0, 240);
      return line;
    }
    const marks = [];
    words.map(pattern).forEach(function (find) {
      let match = find.exec(low);
      while (match && marks.length < 200) {
        marks.push([match.index + match[1].length, match.index + match[0].length]);
        match = find.exec(low);
      }
    });
    marks.sort(function (a, b) { return a[0] - b[0]; });
    let from = marks.length ? Math.max(0, marks[0][0] - 80) : 0;
    if (from > 0) from = text.indexOf(" ", from) + 1 || from;
    const to = Math.min(text.length, from + 240);
    let at = from;
    if (from > 0) line.append("… ");
    marks.forEach(function (mark) {
      if (mark[0] < at || mark[1] > to) return;
      line.append(text.slice(at, mark[0]), make("mark", "", text.slice(mark[0], mark[1])));
      at = mark[1];
    });
    line.append(text.slice(at, to));
    if (to < text.length) line.append(" …");
    return line;
  }

  const words = Array.from(new Set(plain(asked).match(/[\p{L}\p{N}]+/gu) || [])).slice(0, 20);
  if (!words.length) {
    place.append(make("p", "govuk-body", "Type a few words. The sections that hold them appear here."));
    return;
  }
  const results = search(words);
  place.append(make("h2", "govuk-heading-m", results.length ? results.length + (results.length === 1 ? " section" : " sections") + (results.length > MOST ? ", those that fit best first" : "") : "Nothing found"));
  if (!results.length) place.append(make("p", "govuk-body", "Try fewer words, another word for the same thing, or the A to Z."));
  const list = make("ol", "govuk-list portal-results");
  results.slice(0, MOST).forEach(function (result) {
    const item = make("li", "portal-results__item");
    const link = make("a", "govuk-link govuk-!-font-weight-bold", result.entry[1] + (result.entry[2] ? " › " + result.entry[2] : ""));
    link.href = result.entry[0];
    item.append(link, snippet(result.entry[3], words));
    list.append(item);
  });
  if (results.length) place.append(list);
})();
