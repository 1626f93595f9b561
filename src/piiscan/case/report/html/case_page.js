"use strict";
(function () {
  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = Array.prototype.slice.call(document.querySelectorAll("details.printed:not([open])"));
    closed.forEach(function (each) { each.open = true; });
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (each) { each.open = false; });
  });
  var table = document.getElementById("browse");
  if (!table) { return; }
  var bar = document.getElementById("browse-bar");
  var source = document.getElementById("browse-source");
  var kind = document.getElementById("browse-kind");
  var text = document.getElementById("browse-text");
  var told = document.getElementById("browse-told");
  var rows = Array.prototype.slice.call(table.tBodies[0].rows);
  var size = 50, page = 0, fitting = rows;
  function add(select, attribute) {
    var seen = {};
    rows.forEach(function (row) {
      var value = row.getAttribute(attribute);
      if (!seen[value]) {
        seen[value] = true;
        var option = document.createElement("option");
        option.value = value;
        option.textContent = row.getAttribute(attribute + "-name");
        select.appendChild(option);
      }
    });
  }
  function show() {
    var last = Math.max(0, Math.ceil(fitting.length / size) - 1);
    page = Math.min(Math.max(page, 0), last);
    rows.forEach(function (row) { row.hidden = true; });
    fitting.slice(page * size, (page + 1) * size).forEach(function (row) { row.hidden = false; });
    told.textContent = (fitting.length ? page + 1 : 0) + " / " + (fitting.length ? last + 1 : 0) +
      "  (" + fitting.length + ")";
  }
  function filter() {
    var wanted = text.value.trim().toLowerCase();
    fitting = rows.filter(function (row) {
      return (!source.value || row.getAttribute("data-source") === source.value) &&
        (!kind.value || row.getAttribute("data-kind") === kind.value) &&
        (!wanted || row.textContent.toLowerCase().indexOf(wanted) >= 0);
    });
    page = 0;
    show();
  }
  add(source, "data-source");
  add(kind, "data-kind");
  [source, kind].forEach(function (each) { each.addEventListener("change", filter); });
  text.addEventListener("input", filter);
  document.getElementById("browse-back").addEventListener("click", function () { page -= 1; show(); });
  document.getElementById("browse-on").addEventListener("click", function () { page += 1; show(); });
  bar.hidden = false;
  show();
}());
