// Reading aloud with a Chinese voice that lives on this device. Voices that send the text elsewhere are not used.

function localVoice() {
  return window.speechSynthesis
    ? speechSynthesis.getVoices().find((voice) => voice.localService && /^(zh|cmn)\b/i.test(voice.lang)) : undefined;
}

/** Calls `changed` whenever a voice may have come or gone: browsers load them late. */
export function watchVoices(changed) {
  if (window.speechSynthesis && speechSynthesis.addEventListener) speechSynthesis.addEventListener('voiceschanged', changed);
}

export function canSpeak() {
  return Boolean(localVoice());
}

export function speak(text) {
  const voice = localVoice();
  if (!voice) return;
  silence();
  // Some engines stop after fifteen seconds of one utterance.
  for (const part of text.match(/[^。！？\n]+[。！？]?/g) || []) {
    const utterance = new SpeechSynthesisUtterance(part);
    utterance.voice = voice;
    utterance.lang = voice.lang;
    utterance.rate = 0.9;
    speechSynthesis.speak(utterance);
  }
}

export function silence() {
  if (window.speechSynthesis) speechSynthesis.cancel();
}
