// Sends the requests of Nx's client (GET and PUT of /v1/cache/<hash>) and returns the status.
export class NxClient {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** @returns the archive; undefined for a miss. @throws Error for any other response, which fails Nx's run */
  async get(hash: string): Promise<string | undefined> {
    const answer = await this.ask(hash, {});
    const body = await answer.text();
    if (answer.status === 404) return undefined;
    if (answer.status === 200) return body;
    throw new Error(`Nx's run fails: ${answer.status}`);
  }

  /** @throws Error for a response that fails Nx's task */
  async put(hash: string, archive: string | Uint8Array<ArrayBuffer>): Promise<'stored' | 'refused'> {
    const answer = await this.ask(hash, { method: 'PUT', body: archive });
    await answer.text();
    if (answer.status === 200) return 'stored';
    if (answer.status === 403 || answer.status === 409) return 'refused';
    throw new Error(`Nx's task fails: ${answer.status}`);
  }

  private ask(hash: string, request: RequestInit): Promise<Response> {
    const headers = { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/octet-stream' };
    return fetch(`${this.url}/v1/cache/${hash}`, { ...request, headers });
  }
}
