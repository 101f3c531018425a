const SUMMARY_LENGTH = 200;

/** Text on one line, as a reader sees it. */
export function oneLine(text: string): string {
  return text.replaceAll('¶', '').replaceAll(/\s+/g, ' ').trim();
}

/** The first sentence of a text, or as much of it as fits. */
export function firstSentence(text: string): string {
  const [sentence = ''] = text.split(/(?<=[^.\s]{2}[.!?])\s+(?=[A-Z“"(])/, 1);
  if (sentence.length <= SUMMARY_LENGTH) return sentence;
  return `${sentence.slice(0, sentence.lastIndexOf(' ', SUMMARY_LENGTH - 1))}…`;
}
