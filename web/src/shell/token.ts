/** A service that other machines can reach asks for its token once; the browser keeps it in a cookie that no script can read. */
import * as api from "../api";
import { button, field } from "../lib/controls";
import { h } from "../lib/dom";
import { tx } from "../lib/i18n";

export function askToken(): void {
  const token = field("token", "token.label", h("input", { type: "password", autocomplete: "current-password" }));
  const enter = async (): Promise<void> => {
    try {
      await api.session(token.input.value.trim());
      location.reload();
    } catch (error) {
      token.fail((error as Error).message);
    }
  };
  const form = h("form", { class: "mode-part" }, h("h2", {}, tx("token.title")), token.element, button("token.enter", () => void enter(), { kind: "main" }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void enter();
  });
  const dialog = h("dialog", {}, form);
  document.body.append(dialog);
  dialog.showModal();
}
