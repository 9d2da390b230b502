// Loaded first thing in <body>, before anything is painted, so that components which hide or fold themselves do not
// flash. GOV.UK Frontend does this with an inline script; our content security policy allows none.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("govuk-frontend-supported");
}
