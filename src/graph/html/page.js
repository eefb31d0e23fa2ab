"use strict";
(() => {
  const view = document.getElementById("view");
  const svg = view.querySelector("svg");
  const size = { width: svg.width.baseVal.value, height: svg.height.baseVal.value };
  const at = { x: 0, y: 0, scale: 1 };
  view.classList.add("moving");
  const show = () => {
    svg.style.transform = `translate(${at.x}px, ${at.y}px) scale(${at.scale})`;
  };
  const zoom = (factor, x, y) => {
    const scale = Math.min(4, Math.max(0.05, at.scale * factor));
    at.x = x - (x - at.x) * (scale / at.scale);
    at.y = y - (y - at.y) * (scale / at.scale);
    at.scale = scale;
    show();
  };
  const fit = () => {
    const { clientWidth: width, clientHeight: height } = view;
    at.scale = Math.min(1.2, width / size.width, height / size.height);
    at.x = Math.max(0, (width - size.width * at.scale) / 2);
    at.y = Math.max(0, (height - size.height * at.scale) / 2);
    show();
  };
  const middle = (factor) => zoom(factor, view.clientWidth / 2, view.clientHeight / 2);
  view.addEventListener("wheel", (event) => {
    event.preventDefault();
    const frame = view.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 500), event.clientX - frame.left, event.clientY - frame.top);
  }, { passive: false });
  let from = null;
  view.addEventListener("pointerdown", (event) => {
    if (event.target.closest("a")) return;
    from = { x: event.clientX - at.x, y: event.clientY - at.y };
    view.setPointerCapture(event.pointerId);
  });
  view.addEventListener("pointermove", (event) => {
    if (from === null) return;
    at.x = event.clientX - from.x;
    at.y = event.clientY - from.y;
    show();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    view.addEventListener(end, () => { from = null; });
  }
  document.getElementById("in").addEventListener("click", () => middle(1.25));
  document.getElementById("out").addEventListener("click", () => middle(0.8));
  document.getElementById("fit").addEventListener("click", fit);
  const jump = (node) => {
    for (const old of svg.querySelectorAll(".target")) old.classList.remove("target");
    node.classList.add("target");
    at.scale = Math.max(at.scale, 0.8);
    show();
    const frame = view.getBoundingClientRect();
    const box = node.getBoundingClientRect();
    at.x += frame.left + frame.width / 2 - (box.left + box.width / 2);
    at.y += frame.top + frame.height / 2 - (box.top + box.height / 2);
    show();
  };
  for (const link of document.querySelectorAll("aside a, svg a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      jump(document.getElementById(link.getAttribute("href").slice(1)));
    });
  }
  window.addEventListener("resize", fit);
  fit();
})();
