pli-signature 1
file: cards.csv
night: 2026-11-20
sha256: c9df67ee3edcf1806cb90fba115d2ed1fc6712d719a8e2728e76e11038c223af
signature: BfZpft9OHa+XR37rTo+BA4zm2dWu0AXGycwXkot72kfi/5JtanBE+iwWBu/GV6igRvgeu/7ZXzqfuDCiuBhhCQ==
