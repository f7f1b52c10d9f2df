/** An image on the clipboard, as text that can cross to the shell. */

function base64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^,]*,/, ""));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/** Null if the clipboard holds no image, or the paste is meant for a field. */
export function pastedImage(event: ClipboardEvent): Promise<{ media_type: string; base64: string }> | null {
  const target = event.target;
  if (target instanceof HTMLElement && target.closest("input, textarea")) return null;
  const file = [...(event.clipboardData?.files ?? [])].find((it) => it.type.startsWith("image/"));
  if (!file) return null;
  return base64(file).then((text) => ({ media_type: file.type, base64: text }));
}
