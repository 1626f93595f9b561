"use strict";
// Keys of the page, and the flow of a register while it is edited. No text becomes markup or code:
// it only clicks what is there, and copies parts of a page that the server drew.
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
    e: () => document.querySelector("#why > summary")?.click(),
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
  const ask = (method, place, fields, show) => {
    const asked = new XMLHttpRequest();
    asked.open(method, place);
    asked.responseType = "document";
    asked.addEventListener("load", () => show(asked.response));
    asked.send(fields);
    return asked;
  };
  for (const each of document.querySelectorAll("details[data-load]")) {
    each.addEventListener("toggle", () => {
      ask("GET", each.dataset.load, null, (drawn) => {
        const part = drawn?.querySelector(".told, .message");
        if (part) each.querySelector(".told").replaceWith(document.importNode(part, true));
      });
      each.removeAttribute("data-load");
    }, { once: true });
  }
  const form = document.querySelector("form[data-live]");
  let timer, asked;
  const show = (drawn) => {
    for (const name of ["told", "flow"]) {
      const part = drawn?.getElementById(name);
      if (name === "flow" && !part?.firstElementChild) continue;  // the last one stays
      if (part) document.getElementById(name).replaceChildren(...document.importNode(part, true).childNodes);
    }
    for (const cell of drawn ? form.querySelectorAll("td > [name]") : []) {
      const other = drawn.getElementsByName(cell.name)[0];
      const told = other?.parentElement.querySelector("small");
      cell.parentElement.className = other?.parentElement.className ?? "";
      cell.parentElement.querySelector("small")?.remove();
      cell.removeAttribute("aria-invalid");
      if (told) { cell.setAttribute("aria-invalid", "true"); cell.after(document.importNode(told, true)); }
    }
  };
  form?.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      asked?.abort();
      const fields = new URLSearchParams(new FormData(form));
      fields.set("act", "preview");
      asked = ask("POST", form.action, fields, show);
    }, 500);
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open], [data-load])")];
    for (const each of closed) each.open = true;
    for (const cell of document.querySelectorAll("td > [name]")) {
      const text = cell.parentElement.querySelector(".print-only");
      if (text) text.textContent = cell.selectedOptions?.[0].text ?? cell.value;
    }
  });
  addEventListener("afterprint", () => { for (const each of closed) each.open = false; });
})();
