"use strict";
// Keys of the page. It reads no text of the case and writes none: it only clicks what is there.
(() => {
  const click = (id) => document.getElementById(id)?.click();
  const judge = (id) => {
    const reason = document.getElementById("reason");
    if (!reason) return;
    if (reason.value.trim()) click(id);
    else reason.focus();
  };
  const keys = {
    j: () => click("following"), ArrowDown: () => click("following"),
    n: () => click("next-open"), l: () => click("like"), u: () => click("undo"),
    k: () => click("previous"), ArrowUp: () => click("previous"),
    "1": () => judge("judge-right"), "2": () => judge("judge-false"),
    "3": () => {
      const more = document.querySelector(".judge details");
      if (more) { more.open = true; more.querySelector("select").focus(); }
    },
    c: () => click("clear"), "/": () => document.getElementById("text")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") { document.activeElement?.blur(); return; }
    if (event.target.closest("input, select, textarea, .wide")) return;
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  addEventListener("load", () => {
    const all = location.hash === "#all" && document.getElementById("all");
    if (all) { all.open = true; all.querySelector("input[name=why]").focus(); }
  });
  if ("sitting" in document.body.dataset) click("clear");  // a view is a POST, and logged
  document.getElementById("here")?.closest("tr").scrollIntoView({ block: "nearest" });
  if (innerWidth <= 700) {
    for (const each of document.querySelectorAll(".facets details[open]")) {
      if (!each.querySelector(".chosen")) each.open = false;
    }
  }
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of closed) each.open = false; });
})();
