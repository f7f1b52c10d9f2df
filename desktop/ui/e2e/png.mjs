/** Decodes the PNG of a screenshot: 8 bits a channel, not interlaced (W3C PNG, third edition). */
import { inflateSync } from "node:zlib";

const channelsOf = { 2: 3, 6: 4 };

function paeth(left, up, corner) {
  const estimate = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(estimate - value));
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

export function decode(png) {
  let [width, height, channels] = [0, 0, 0];
  const parts = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") {
      width = data.readUInt32BE(0);
      height = data.readUInt32BE(4);
      channels = channelsOf[data[9]];
      if (data[8] !== 8 || !channels || data[12] !== 0) throw new Error("a PNG of another kind");
    }
    if (type === "IDAT") parts.push(data);
    at += 12 + length;
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const pixels = Buffer.alloc(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = raw[row * (stride + 1)];
    for (let at = 0; at < stride; at += 1) {
      const target = row * stride + at;
      const left = at >= channels ? pixels[target - channels] : 0;
      const up = row > 0 ? pixels[target - stride] : 0;
      const corner = at >= channels && row > 0 ? pixels[target - stride - channels] : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      pixels[target] = (raw[row * (stride + 1) + 1 + at] + guess) & 0xff;
    }
  }
  return {
    width,
    height,
    at: (x, y) => [...pixels.subarray((y * width + x) * channels, (y * width + x) * channels + 3)],
  };
}

/** Share of the pixels of a rectangle that are of a kind. */
export function share(image, { x, y, width, height }, kind) {
  let [hits, all] = [0, 0];
  for (let row = Math.ceil(y); row < Math.floor(y + height); row += 1) {
    for (let column = Math.ceil(x); column < Math.floor(x + width); column += 1) {
      if (column < 0 || row < 0 || column >= image.width || row >= image.height) continue;
      all += 1;
      if (kind(...image.at(column, row))) hits += 1;
    }
  }
  return all === 0 ? 0 : hits / all;
}
