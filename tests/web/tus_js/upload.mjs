// One upload by tus-js-client; prints what became of it as JSON.
// node upload.mjs '{"endpoint", "headers", "file", "name", "options", "abortAt", "terminate", "storage"}'
import fs from "node:fs";
import process from "node:process";
import * as tus from "tus-js-client";

const asked = JSON.parse(process.argv[2]);
const answers = [];
let upload;

function end(result) {
  process.stdout.write(JSON.stringify({ answers, url: upload.url, ...result }));
  process.exit(0);
}

const storage = asked.storage ? { urlStorage: new tus.FileUrlStorage(asked.storage) } : {};
upload = new tus.Upload(fs.createReadStream(asked.file), {
  endpoint: asked.endpoint,
  headers: asked.headers,
  metadata: { filename: asked.name },
  retryDelays: [200, 500, 1000, 2000, 3000, 5000],
  ...storage,
  ...asked.options,
  onAfterResponse: (request, response) =>
    answers.push([
      request.getMethod(),
      response.getStatus(),
      response.getHeader("Albums-Status") ?? null,
      response.getHeader("Albums-Sha256") ?? null,
    ]),
  onError: (error) => end({ error: String(error) }),
  onSuccess: () => end({ done: true }),
  onChunkComplete: (size, accepted) => {
    if (asked.abortAt && accepted >= asked.abortAt) {
      upload.abort(Boolean(asked.terminate)).then(() => end({ aborted: accepted }));
    }
  },
});

const previous = asked.storage ? await upload.findPreviousUploads() : [];
if (previous.length) upload.resumeFromPreviousUpload(previous[0]);
upload.start();
