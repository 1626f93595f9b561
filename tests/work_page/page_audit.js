// Faults of a page: controls without a name, a contrast below 4.5, ids that stand twice, scrolling.
() => {
  const wrong = [];
  const nameOf = (each) => [
    each.getAttribute("aria-label"), ...[...(each.labels ?? [])].map((label) => label.textContent),
    each.textContent, each.title,
  ].join("").trim();
  for (const each of document.querySelectorAll("a, button, input:not([type=hidden]), select, summary, img")) {
    if (!(nameOf(each) || each.alt)) wrong.push(`no name: ${each.outerHTML.slice(0, 80)}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  if (new Set(ids).size < ids.length) wrong.push(`ids: ${ids}`);
  if (document.documentElement.scrollWidth > innerWidth + 1) wrong.push("wider than the screen");
  if (document.querySelectorAll("h1").length !== 1) wrong.push("no h1, or several");
  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) => [0.2126, 0.7152, 0.0722].reduce((sum, share, at) => {
    const part = colour[at] / 255;
    return sum + share * (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  }, 0.05);
  const behind = (each) => {
    for (let at = each; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if ((colour[3] ?? 1) > 0.5) return colour;
    }
    return [255, 255, 255];
  };
  for (const each of document.querySelectorAll("body *")) {
    if (!each.getClientRects().length) continue;
    if (![...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const style = getComputedStyle(each);
    const ink = numbers(each instanceof SVGElement ? style.fill : style.color);
    const both = [light(ink), light(behind(each))];
    const contrast = Math.max(...both) / Math.min(...both);
    if (contrast < 4.5) wrong.push(`contrast ${contrast.toFixed(1)}: ${each.outerHTML.slice(0, 80)}`);
  }
  return wrong;
}
