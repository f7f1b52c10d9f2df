/** Looks at what is painted: a picture of a part of the window, decoded in the window itself. */

/** Counts pixels of a kind in a rectangle of the page, in CSS pixels. */
export async function count(page, clip, kind) {
  const picture = (await page.screenshot({ clip })).toString("base64");
  return page.evaluate(
    async ([data, wanted]) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = image.width;
      canvas.height = image.height;
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const { data: pixels } = context.getImageData(0, 0, image.width, image.height);
      const kinds = {
        // The light over white paper: #ffdc5e, apart from the anti-aliased edges of letters.
        lit: (r, g, b) => r > 225 && g > 190 && g < 235 && b > 60 && b < 130,
        white: (r, g, b) => r > 235 && g > 235 && b > 235,
        ink: (r, g, b) => r < 140 && g < 130 && b < 110,
        chosen: (r, g, b) => r > 150 && r < 190 && g > 195 && g < 225 && b > 210 && b < 235,
      };
      let hits = 0;
      for (let at = 0; at < pixels.length; at += 4) {
        if (kinds[wanted](pixels[at], pixels[at + 1], pixels[at + 2])) hits += 1;
      }
      return { hits, all: image.width * image.height };
    },
    [picture, kind],
  );
}
