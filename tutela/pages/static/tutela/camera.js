/** A photo taken inside the page: it goes from the camera to the form, and never into the gallery of the phone (R119). */

const WANTED = { video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } }, audio: false };
const QUALITY = 0.92; // it is made smaller before it is sent

/**
 * @param {HTMLElement} place  where the picture of the camera shows
 * @param {DOMStringMap} words
 * @returns {Promise<Blob | undefined>}  nothing where it was left
 */
export async function takePhoto(place, words) {
  const stream = await navigator.mediaDevices.getUserMedia(WANTED);
  const frame = place.appendChild(document.createElement("div"));
  try {
    const video = frame.appendChild(document.createElement("video"));
    Object.assign(video, { srcObject: stream, muted: true, playsInline: true, width: frame.clientWidth });
    video.setAttribute("aria-label", words.camera ?? "");
    await video.play();
    if (!(await chosen(frame, words.shoot ?? "", words.leave ?? ""))) return undefined;
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d")?.drawImage(video, 0, 0);
    return await new Promise((done) => canvas.toBlob((blob) => done(blob ?? undefined), "image/jpeg", QUALITY));
  } finally {
    for (const track of stream.getTracks()) track.stop(); // the light of the camera goes out
    frame.remove();
  }
}

/**
 * Two buttons below `frame`. Resolves with whether the first one was pressed.
 *
 * @param {HTMLElement} frame @param {string} yes @param {string} no
 * @returns {Promise<boolean>}
 */
export function chosen(frame, yes, no) {
  const row = frame.appendChild(document.createElement("div"));
  row.className = "button-row";
  return new Promise((done) => {
    for (const label of [yes, no]) {
      const button = row.appendChild(document.createElement("button"));
      const className = label === yes ? "button" : "button quiet";
      Object.assign(button, { type: "button", className, textContent: label });
      button.addEventListener("click", () => done(label === yes));
      if (label === yes) button.focus();
    }
  });
}
