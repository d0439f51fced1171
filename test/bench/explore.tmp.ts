import { openBench, carry } from './platform.ts';
import { cpuSoFar, since } from './cpu.ts';
const bench = await openBench(()=>undefined, undefined, JSON.parse(process.env.SPARK??'{}'));
try {
  const n = Number(process.argv[3]);
  for (let i=0;i<Number(process.argv[2]);i++) {
    const before = cpuSoFar();
    const s = await carry(bench, n); const c=since(before);
    console.log(s.toFixed(2),'s', (n/s).toFixed(0),'rec/s', Object.entries(c).filter(([,v])=>v>0.005).map(([k,v])=>`${k} ${(v/n*1e6).toFixed(0)}`).join(' '));
  }
} finally { await bench.close(); }
