// Telling the Enter that ends a conversion from the Enter that confirms.

const AFTER_MS = 30; // some systems send the ending Enter as an ordinary key right after the end

/** Whether a key belongs to a conversion going on in `input`; to be asked in keydown. */
export function watchConversion(input) {
  let ended = -Infinity;
  input.addEventListener("compositionend", () => {
    ended = performance.now();
  });
  return (event) =>
    event.isComposing || event.keyCode === 229 || performance.now() - ended < AFTER_MS;
}
