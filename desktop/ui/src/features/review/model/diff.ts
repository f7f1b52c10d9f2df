/** Which words of a text are not in another: the longest common run of words stays, the rest is marked. */

export interface Piece {
  text: string;
  changed: boolean;
}

const tokens = (text: string) => text.match(/\s+|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];

/** `text` in pieces, those that `base` lacks marked. */
export function differences(text: string, base: string): Piece[] {
  const a = tokens(text);
  const b = tokens(base);
  const longest: number[][] = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => longest[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = longest[i];
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pieces: Piece[] = [];
  const push = (token: string, changed: boolean) => {
    const last = pieces.at(-1);
    // A space between two changed words belongs to the change.
    if (last && last.changed === changed) last.text += token;
    else pieces.push({ text: token, changed });
  };
  let j = 0;
  a.forEach((token, i) => {
    while (j < b.length && b[j] !== token && at(i, j + 1) > at(i + 1, j)) j++;
    if (j < b.length && b[j] === token && at(i, j) === at(i + 1, j + 1) + 1) {
      push(token, false);
      j++;
    } else {
      push(token, true);
    }
  });
  return join(pieces);
}

/** A lone space between two changes is part of them. */
function join(pieces: Piece[]): Piece[] {
  const joined: Piece[] = [];
  pieces.forEach((piece, index) => {
    const last = joined.at(-1);
    const bridge = !piece.changed && piece.text.trim() === "" && last?.changed && pieces[index + 1]?.changed;
    if (last && (bridge || last.changed === piece.changed)) last.text += piece.text;
    else joined.push({ ...piece });
  });
  return joined;
}
