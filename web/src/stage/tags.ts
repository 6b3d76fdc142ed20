/** Names that float over the bodies' heads; plain text, so that they are sharp and readable to machines. */
import { Vector3, type PerspectiveCamera } from "three";
import { h } from "../lib/dom";

const ABOVE = 0.32; // metres over the head

export class Tags {
  private readonly layer = h("div", { class: "tags" });
  private readonly tags: HTMLElement[] = [];

  constructor(private readonly box: HTMLElement) {
    box.append(this.layer);
  }

  show(on: boolean): void {
    this.layer.hidden = !on;
  }

  place(named: [string, Vector3][], camera: PerspectiveCamera): void {
    const shown = named.filter(([name]) => name);
    while (this.tags.length < shown.length) {
      const tag = h("span", { class: "tag" });
      this.tags.push(tag);
      this.layer.append(tag);
    }
    this.tags.forEach((tag, k) => {
      const one = shown[k];
      tag.hidden = !one;
      if (!one) return;
      if (tag.textContent !== one[0]) tag.textContent = one[0];
      const at = one[1].clone().setY(one[1].y + ABOVE).project(camera);
      const [x, y] = [((at.x + 1) / 2) * this.box.clientWidth, ((1 - at.y) / 2) * this.box.clientHeight];
      tag.style.transform = `translate(-50%, -100%) translate(${x.toFixed(1)}px, ${Math.max(y, 24).toFixed(1)}px)`;
    });
  }
}
