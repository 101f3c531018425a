import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** Opens a connection on which nothing is read as yet. */
export async function openPaused(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true }).pause();
  await once(socket, 'connect');
  // Whoever writes or reads is told of it.
  return socket.on('error', () => undefined);
}

/** Resolves when the system has the bytes. */
export const write = (socket: Socket, bytes: string | Buffer) =>
  new Promise<void>((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });

/**
 * Sends requests for a path, each on a connection of its own. Resolves when all are sent, whether or not the service has
 * accepted the connections, to what reads the answers: each a status, or the code of what went wrong.
 */
export async function sendAtOnce(url: string, path: string, count: number) {
  const request = `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
  const sockets = await Promise.all(Array.from({ length: count }, () => openPaused(url)));
  for (const socket of sockets) await write(socket, request);
  return () => Promise.all(sockets.map(statusOn));
}

async function statusOn(socket: Socket): Promise<number | string | undefined> {
  try {
    const answer = await text(socket);
    return answer === '' ? 'no answer' : Number(answer.split(' ', 2)[1]);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    socket.destroy();
  }
}
