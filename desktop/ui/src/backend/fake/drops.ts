/** Drops and the file dialog of a plain browser, as the shell would offer them. */
import type { FakeBackend } from ".";

const filesIn = (event: DragEvent) =>
  [...(event.dataTransfer?.items ?? [])].filter((item) => item.kind === "file").length;

export function installDrops(target: Window, backend: FakeBackend): void {
  let depth = 0;
  const tell = (event: DragEvent, count: number) =>
    backend.emit({ event: "drag", count, x: event.clientX, y: event.clientY });
  target.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth += 1;
  });
  target.addEventListener("dragover", (event) => {
    event.preventDefault();
    tell(event, Math.max(1, filesIn(event)));
  });
  target.addEventListener("dragleave", (event) => {
    depth -= 1;
    if (depth === 0) tell(event, 0);
  });
  target.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    const names = [...(event.dataTransfer?.files ?? [])].map((file) => file.name);
    backend.drop(names, { x: event.clientX, y: event.clientY });
  });
  backend.world.choose = () =>
    new Promise((resolve) => {
      const input = target.document.createElement("input");
      input.type = "file";
      input.multiple = true;
      input.addEventListener("change", () =>
        resolve([...(input.files ?? [])].map((file) => ({ name: file.name, kilobytes: Math.ceil(file.size / 1024) }))),
      );
      input.addEventListener("cancel", () => resolve([]));
      input.click();
    });
}
