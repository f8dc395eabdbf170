// Pointing, clicking and the keyboard. All of it ends in the page's `hover`, the cell pointed at, or in traits.

import { arrowOf, clamp, floor, same } from "../base/kit.js";

export function hoverAt(page, cell) {
  const next = cell?.some(Number.isInteger) ? cell : null;
  if (same(next, page.hover)) return;
  page.hover = next;
  if (page.scene.state.view !== "grid") page.soon({ hover: next });
  page.redraw();
}

export function point(page, event) {
  const { picture, scene, stage } = page,
    edge = stage.getBoundingClientRect(),
    mouse = { x: event.clientX - edge.left, y: event.clientY - edge.top };
  const hit = ({ along, start, pitch, list, from, to }) => {
    if (mouse[along] < start || mouse.x < from || mouse.x > to) return null;
    return list[floor((mouse[along] + page.box[along] - start) / pitch)] ?? null;
  };
  if (picture) return hoverAt(page, picture.axes.map(hit));
  const { side, token } = event.target.closest("[data-token]")?.dataset ?? {},
    cell = side === "0" ? [+token, null] : [scene.pin[0], +token];
  hoverAt(page, token ? cell : null);
}

/** Keep the cell pointed at, or let it go; in the grid, open the head pointed at. */
export function pin(page) {
  const { hover, set } = page,
    { view, pinned } = page.scene.state;
  if (view !== "grid") return set({ pinned: same(hover, pinned) ? null : hover });
  if (hover && !hover.includes(null)) set({ layer: hover[0], heads: [hover[1]], view: "heatmap" });
  page.hover = null;
}

const within = (list, i) => clamp(0, i, list.length - 1);

const move = (layers, heads) => page => {
  const { state, block } = page.scene,
    layer = within(block.layers, state.layer + layers);
  page.set({ layer, heads: heads ? [within(block.heads, state.heads[0] + heads)] : state.heads });
};

const ACTIONS = {
  Enter: pin,
  Escape(page) {
    page.set({ pinned: null });
    hoverAt(page, null);
  },
  "[": move(-1, 0),
  "]": move(1, 0),
  ",": move(0, -1),
  ".": move(0, 1),
};

export function press(page, event) {
  const arrow = arrowOf(event),
    action = ACTIONS[event.key];
  if (!arrow && !action) return;
  event.preventDefault();
  if (action) action(page);
  else walk(page, arrow);
}

/** Move the cell by an arrow, [down, right], and the picture so that it is in sight. */
function walk(page, arrow) {
  const { box, hover, picture, scene, scroller } = page,
    { state, lists, at } = scene,
    axes = picture?.axes ?? lists.map(list => ({ list })),
    by = picture ? arrow : [arrow[1], arrow[0]], // in a text the query moves along the line
    from = state.view === "grid" && !hover ? [state.layer, state.heads[0]] : at,
    places = axes.map(({ list }, side) => within(list, list.indexOf(from[side]) + by[side]));
  hoverAt(
    page,
    axes.map(({ list }, side) => list[places[side]]),
  );
  if (!picture) return;
  axes.forEach(({ along, start, pitch }, side) => {
    const place = places[side] * pitch,
      [name, room] = along === "x" ? ["scrollLeft", box.w] : ["scrollTop", box.h];
    scroller[name] = clamp(place + start + pitch + 16 - room, scroller[name], place);
  });
}
