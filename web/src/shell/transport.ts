/** Play, step, loop, speed and the time. */
import { iconButton, press, select, toggle } from "../lib/controls";
import { h } from "../lib/dom";
import { language, named, t } from "../lib/i18n";
import { icon } from "../lib/icons";
import type { Player } from "../player";

const SPEEDS = [0.1, 0.25, 0.5, 1, 1.5, 2];

export function transport(player: Player): HTMLElement {
  const play = named(h("button", { type: "button", class: "icon-button play", on: { click: () => player.toggle() } }), "transport.play");
  player.playing.now((playing) => {
    play.replaceChildren(icon(playing ? "pause" : "play"));
    named(play, playing ? "transport.pause" : "transport.play");
  });
  const loop = toggle("loop", "transport.loop", () => (player.loop.value = !player.loop.value));
  player.loop.now((on) => press(loop, on));
  const speed = select(SPEEDS.map((one) => [String(one), `${one}×`]), () => (player.speed.value = Number(speed.value)));
  speed.value = "1";
  named(speed, "transport.speed");
  const now = h("b");
  const rest = h("span");
  const write = (): void => {
    now.textContent = player.time.value.toFixed(2);
    rest.textContent = ` / ${player.seconds.value.toFixed(2)} s  ·  ${t("transport.frame", { frame: Math.round(player.time.value * player.fps) })}`;
  };
  player.time.on(write);
  player.seconds.on(write);
  language.on(write);
  write();
  const back = iconButton("back", "transport.back", () => player.step(-1));
  const ahead = iconButton("ahead", "transport.ahead", () => player.step(1));
  for (const one of [back, ahead]) one.classList.add("optional");
  return h("div", { class: "transport" }, back, play, ahead, loop, speed, h("span", { class: "clock" }, now, rest), h("span", { class: "space" }));
}
