// The benchmark: `node filter/tokenizer/bench/run.mjs [--quick]` from anywhere in the repository.
//
// Builds this crate and tiktoken-rs as wasm modules and natively, counts the same texts with all four, and prints
// the tables of the README. Runs on one core; close to nothing else should run beside it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const quick = process.argv.includes("--quick");
const sizes = [100, 1_000, 10_000, 100_000, 1_000_000];
const encodings = ["o200k_base", "cl100k_base"];

function cargo(...args) {
  return execFileSync("cargo", args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] });
}

function build(...args) {
  const messages = cargo("build", "--quiet", "--release", "-p", "tollgate-tokenizer", "--message-format=json", ...args);
  const files = messages.trim().split("\n").map(JSON.parse).filter((message) => message.reason === "compiler-artifact");
  return (name, end) => files.find((file) => file.target.name === name).filenames.find((file) => file.endsWith(end));
}

// The few calls of the WASI that the modules import but need not have answered.
function imports(module) {
  const wasi = {};
  for (const { name } of WebAssembly.Module.imports(module)) wasi[name] = () => 0;
  return { wasi_snapshot_preview1: wasi };
}

const mebibytes = (bytes) => (bytes / (1 << 20)).toFixed(2);
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const geomean = (numbers) => Math.exp(numbers.reduce((sum, number) => sum + Math.log(number), 0) / numbers.length);
const now = () => performance.now();

class Counter {
  constructor(name, file) {
    this.name = name;
    this.bytes = statSync(file).size;
    this.module = new WebAssembly.Module(readFileSync(file));
  }

  fresh() {
    const begun = now();
    this.instance = new WebAssembly.Instance(this.module, imports(this.module)).exports;
    this.instance._initialize();
    this.instantiation = now() - begun;
    return this;
  }

  memory() {
    return this.instance.memory.buffer.byteLength;
  }

  load(text) {
    const at = this.instance.room(text.length); // may move the memory, so it comes first
    new Uint8Array(this.instance.memory.buffer, at, text.length).set(text);
    this.instance.ready();
  }

  // Megabytes per second over slices from all over the text.
  rate(text, encoding, size) {
    const total = size === 1_000_000 ? 1_000_000 : this.name === "tollgate" ? 600_000 : 150_000;
    const slices = [];
    let bytes = 0;
    for (let number = 0; bytes < total; number++) {
      const from = boundary(text, (number * 292_823) % (text.length - size + 1));
      const to = boundary(text, from + size);
      slices.push([from, to]);
      bytes += to - from;
    }
    const begun = now();
    for (const [from, to] of slices) this.instance.count(encoding, from, to);
    return bytes / (now() - begun) / 1e3;
  }

  // The same for a text whose strings were never counted, after a text of the same kind: the same one for every counter, so
  // that the memory that each of them needs next has been pushed out of the processor's caches as much.
  unseen({ text, unseen }, encoding) {
    this.instance.forget();
    this.load(text);
    this.instance.count(encoding, 0, text.length);
    this.load(unseen);
    const begun = now();
    this.instance.count(encoding, 0, unseen.length);
    const rate = unseen.length / (now() - begun) / 1e3;
    this.load(text);
    return rate;
  }
}

// The character boundary at or before a place.
function boundary(text, at) {
  while (at > 0 && at < text.length && (text[at] & 0xc0) === 0x80) at--;
  return Math.min(at, text.length);
}

// The rounds of which the best counts. The counters take turns, so that a busy machine is busy for both. How fast unseen text
// is depends on what the processor's caches hold, and no process counts with both: there a turn is some rounds long.
function turns(counters, size) {
  const [count, rounds] = size === "unseen" ? [quick ? 2 : 4, 6] : [quick ? 3 : 7, 1];
  const turn = counters.flatMap((counter) => Array(rounds).fill(counter));
  return Array(count).fill(turn).flat();
}

function measureWasm(counters, texts, results) {
  for (const [encoding, name] of encodings.entries()) {
    for (const counter of counters) {
      counter.fresh();
      const begun = now();
      counter.instance.start(encoding);
      results.push({ encoding: name, by: counter.name, start: now() - begun, instantiation: counter.instantiation });
      // Every path of the code, until V8 has finished compiling it.
      for (const { text } of texts) {
        counter.load(text);
        for (let round = 0; round < 3; round++) {
          counter.instance.forget();
          counter.instance.count(encoding, 0, boundary(text, 200_000));
        }
      }
    }
    for (const text of texts) {
      for (const counter of counters) counter.load(text.text);
      for (const size of text.unseen.length > 0 ? [...sizes, "unseen"] : sizes) {
        for (const counter of counters) counter.best = 0;
        for (const counter of turns(counters, size)) {
          // A run of a million blanks overflows the stack of the pattern's engine and traps.
          try {
            const rate = size === "unseen" ? counter.unseen(text, encoding) : counter.rate(text.text, encoding, size);
            counter.best = Math.max(counter.best, rate);
          } catch (error) {
            if (counter.best === 0) console.log(`${counter.name} on ${size} bytes of "${text.name}": ${error.message}`);
            counter.fresh().instance.start(encoding);
            counter.load(text.text);
            counter.best = NaN;
          }
        }
        for (const { name: by, best } of counters) {
          results.push({ encoding: name, by, text: text.name, size: String(size), rate: best });
        }
      }
    }
  }
}

// Memory by itself: one instance, both encodings, every text once in the buffer that the first one made.
function measureMemory(counter, texts) {
  counter.fresh();
  const after = [counter.memory()];
  const room = Math.max(...texts.map(({ text }) => text.length));
  counter.load(new Uint8Array(room).fill(32));
  const loaded = counter.memory();
  for (const [encoding] of encodings.entries()) counter.instance.start(encoding);
  after.push(after[0] + counter.memory() - loaded);
  try {
    for (const { text } of texts) {
      counter.load(text);
      const before = counter.memory();
      for (const [encoding] of encodings.entries()) counter.instance.count(encoding, 0, text.length);
      counter.grown = Math.max(counter.grown ?? 0, counter.memory() - before);
    }
  } catch {
    // The trap that is reported elsewhere.
  }
  return [...after, after[0] + counter.memory() - loaded];
}

function table(title, texts, results) {
  for (const encoding of encodings) {
    console.log(`\n### ${title}, ${encoding} (MB/s; in brackets: times as fast as tiktoken-rs)\n`);
    console.log(`| text | ${sizes.map((size) => `${size.toLocaleString("en")} B`).join(" | ")} | unseen |`);
    console.log(`|---|${sizes.map(() => "---:|").join("")}---:|`);
    const ratios = { all: [], unseen: [] };
    for (const { name, pathological } of texts) {
      const cells = [...sizes.map(String), "unseen"].map((size) => {
        const find = (by) => results.find((r) => r.encoding === encoding && r.by === by && r.text === name && r.size === size)?.rate;
        const [mine, theirs] = [find("tollgate"), find("tiktoken-rs")];
        if (mine === undefined) return "";
        const ratio = mine / theirs;
        if (ratio && !pathological) (size === "unseen" ? ratios.unseen : ratios.all).push(ratio);
        return `${mine.toFixed(mine < 10 ? 1 : 0)} (${ratio ? `${ratio.toFixed(1)}×` : "it traps"})`;
      });
      console.log(`| ${name} | ${cells.join(" | ")} |`);
    }
    console.log(`\nGeometric mean of the ratios over ordinary text: ${geomean(ratios.all).toFixed(1)}×; unseen: ${geomean(ratios.unseen).toFixed(1)}×.`);
  }
}

const folder = mkdtempSync(join(tmpdir(), "tokenizer-bench-"));
try {
  const native = build("--example", "bench")("bench", "bench");
  const modules = build("--target", "wasm32-wasip1", "--example", "counter_wasm", "--example", "oracle_wasm");
  execFileSync(native, ["--texts", folder]);
  const texts = JSON.parse(readFileSync(join(folder, "list.json"), "utf8")).map((text, number) => ({
    ...text,
    text: readFileSync(join(folder, `${number}.txt`)),
    unseen: readFileSync(join(folder, `${number}.unseen.txt`)),
  }));
  const counters = [
    new Counter("tollgate", modules("counter_wasm", ".wasm")),
    new Counter("tiktoken-rs", modules("oracle_wasm", ".wasm")),
  ];
  const results = [];
  measureWasm(counters, texts, results);
  table(`wasm in V8 ${process.versions.v8}`, texts, results);

  console.log("\n### Latency in wasm, o200k_base\n");
  const rates = (size, pathological) => results.filter((r) => r.encoding === "o200k_base" && r.by === "tollgate" && r.size === String(size) && texts.find((t) => t.name === r.text).pathological === pathological);
  const worst = (list, size) => Math.max(...list.map(({ rate }) => size / rate));
  const middle = (list, size) => median(list.map(({ rate }) => size / rate));
  for (const size of sizes) {
    console.log(`- ${size.toLocaleString("en")} B: ordinary ${middle(rates(size, false), size).toFixed(1)} µs (worst kind ${worst(rates(size, false), size).toFixed(1)}), pathological at worst ${worst(rates(size, true), size).toFixed(1)} µs`);
  }

  console.log("\n### Start and memory in wasm\n");
  console.log("| | module | instantiation | start o200k / cl100k | linear memory: fresh | both started | after every text | most for one text |");
  console.log("|---|---:|---:|---:|---:|---:|---:|---:|");
  for (const counter of counters) {
    const starts = results.filter((r) => r.by === counter.name && r.start !== undefined);
    const memory = measureMemory(counter, texts);
    console.log(`| ${counter.name} | ${(counter.bytes / 1e6).toFixed(2)} MB | ${starts[0].instantiation.toFixed(1)} ms | ${starts.map(({ start }) => start.toFixed(1)).join(" / ")} ms | ${memory.map(mebibytes).join(" MiB | ")} MiB | ${mebibytes(counter.grown)} MiB |`);
  }

  if (!quick) {
    const lines = execFileSync(native, { encoding: "utf8", maxBuffer: 1 << 28 }).trim().split("\n").map(JSON.parse);
    table("native", texts, lines);
  }
} finally {
  rmSync(folder, { recursive: true });
}
