import { isDeepStrictEqual } from 'node:util';

/** Sends a request and makes sure of the answer, before its kind is measured: all contestants speak one wire. */
export async function checkAnswer(url, { method, path, headers, body }, expected) {
  const init = { method, headers, redirect: 'manual', ...(body !== undefined && { body }) };
  const response = await fetch(`${url}${path}`, init);
  const text = await response.text();
  if (response.status !== 200)
    throw new Error(`answered ${method} ${path} with ${response.status} instead of 200`);
  if (!isDeepStrictEqual(parse(text), expected)) {
    throw new Error(`answered ${method} ${path} with ${text.slice(0, 200)}, which is not what the wire has`);
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
