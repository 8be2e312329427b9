// The map of the exploration wing: blocks, deposits, plants and targets over own outlines.
// Everything it draws comes from this desk, and the lists beside it tell the same.
import * as maplibre from "./maplibre-6.17.0/maplibre-gl.mjs";

const MOST = 10000;
const persian = document.documentElement.lang === "fa";

const colour = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const nothing = () => ({ type: "FeatureCollection", features: [] });

async function fetched(address) {
  if (!address) return nothing();
  const wanted = address.includes("/ogc/") ? `${address}?limit=${MOST}` : address;
  const answer = await fetch(wanted, { credentials: "same-origin" });
  return answer.ok ? answer.json() : nothing();
}

function layers() {
  const state = (name) => ["==", ["get", "state"], name];
  const fill = (id, source, paint, filter) => ({
    id,
    type: "fill",
    source,
    paint: { "fill-color": paint.fill, "fill-opacity": paint.opacity },
    ...(filter && { filter }),
  });
  const line = (id, source, paint, filter) => ({
    id,
    type: "line",
    source,
    paint: { "line-width": 1.5, ...paint },
    ...(filter && { filter }),
  });
  const dot = (id, source, paint) => ({ id, type: "circle", source, paint });
  return [
    { id: "paper", type: "background", paint: { "background-color": colour("paper") } },
    fill("land", "provinces", { fill: colour("land"), opacity: 1 }),
    line("borders", "provinces", { "line-color": colour("land-edge"), "line-width": 0.8 }),
    fill("targets fill", "targets", { fill: colour("missing"), opacity: 0.35 }),
    line("targets line", "targets", { "line-color": colour("missing") }),
    fill("returned fill", "blocks", { fill: colour("paper"), opacity: 0.01 }, state("returned")),
    line(
      "returned line",
      "blocks",
      { "line-color": colour("graphite"), "line-dasharray": [2, 2] },
      state("returned"),
    ),
    fill("held fill", "blocks", { fill: colour("graphite"), opacity: 0.3 }, state("held")),
    line("held line", "blocks", { "line-color": colour("graphite") }, state("held")),
    fill("on offer fill", "blocks", { fill: colour("ink"), opacity: 0.35 }, state("on offer")),
    line("on offer line", "blocks", { "line-color": colour("ink"), "line-width": 2 }, state("on offer")),
    dot("plants dot", "plants", {
      "circle-radius": 4,
      "circle-color": colour("paper"),
      "circle-stroke-color": colour("graphite"),
      "circle-stroke-width": 2,
    }),
    dot("deposits dot", "deposits", {
      "circle-radius": ["match", ["get", "stage"], "mine", 5, "deposit", 4, 3],
      "circle-color": colour("dot"),
      "circle-stroke-color": colour("paper"),
      "circle-stroke-width": 1,
    }),
  ];
}

// The map's scale, in the digits and the direction of the page.
class Scale extends maplibre.ScaleControl {
  onAdd(map) {
    const box = super.onAdd(map);
    if (!persian) return box;
    const write = () => {
      const text = box.textContent.replace(".", "٫");
      const ours = text.replace(/[0-9]/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[digit]);
      if (ours !== box.textContent) box.textContent = ours;
    };
    box.dir = "rtl";
    new MutationObserver(write).observe(box, { childList: true });
    write();
    return box;
  }
}

function boundsOf(box, ...collections) {
  if (box.dataset.bounds) {
    const [west, south, east, north] = box.dataset.bounds.split(",").map(Number);
    const margin = Math.max(0.15, (east - west) / 2, (north - south) / 2);
    return [west - margin, south - margin, east + margin, north + margin];
  }
  const all = [180, 90, -180, -90];
  const widen = (place) => {
    if (typeof place[0] !== "number") return place.forEach(widen);
    all[0] = Math.min(all[0], place[0]);
    all[1] = Math.min(all[1], place[1]);
    all[2] = Math.max(all[2], place[0]);
    all[3] = Math.max(all[3], place[1]);
  };
  const drawn = collections.find((one) => one.features.some((feature) => feature.geometry));
  for (const feature of drawn?.features ?? []) {
    if (feature.geometry) widen(feature.geometry.coordinates);
  }
  return drawn ? all : null;
}

function told(feature, pages) {
  const facts = feature.properties;
  const line = document.createElement("p");
  const page = pages[feature.source];
  const name = document.createElement(page ? "a" : "strong");
  name.dir = "auto";
  name.textContent = (persian && facts.name_fa) || facts.name || facts.id;
  if (page) name.href = `${page}${encodeURIComponent(facts.id)}/`;
  const more = document.createElement("span");
  more.className = "muted";
  more.dir = "auto";
  const list = [facts.commodities ?? []].flat().join(", ");
  more.textContent = [list, facts.holder, facts.product, facts.owner].filter(Boolean).join(" · ");
  line.append(name, more);
  return line;
}

async function draw(box) {
  const { dataset } = box;
  const names = ["provinces", "blocks", "deposits", "plants", "targets"];
  const data = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await fetched(dataset[name])])),
  );
  // The key of a feature is a text, which the map keeps only among its facts.
  for (const feature of names.flatMap((name) => data[name].features)) {
    feature.properties.id = feature.id;
  }
  const bounds = boundsOf(box, data.provinces, data.blocks, data.deposits);
  const map = new maplibre.Map({
    container: box.querySelector(".geo-map"),
    style: {
      version: 8,
      sources: Object.fromEntries(
        names.map((name) => [name, { type: "geojson", data: data[name], tolerance: 0.2 }]),
      ),
      layers: layers(),
    },
    ...(bounds && { bounds, fitBoundsOptions: { padding: 24 } }),
    attributionControl: false,
    cooperativeGestures: false,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    locale: {
      "Map.Title": dataset.name,
      "NavigationControl.ZoomIn": dataset.zoomIn,
      "NavigationControl.ZoomOut": dataset.zoomOut,
      "ScaleControl.Kilometers": dataset.kilometres,
      "ScaleControl.Meters": dataset.metres,
      "Popup.Close": dataset.close,
    },
  });
  map.scrollZoom.disable();
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }));
  map.addControl(new Scale({ unit: "metric" }), "bottom-left");
  const pages = { blocks: dataset.blockPage, deposits: dataset.depositPage };
  const shown = ["on offer fill", "held fill", "returned fill", "targets fill", "deposits dot", "plants dot"];
  map.on("click", (event) => {
    const near = [
      [event.point.x - 6, event.point.y - 6],
      [event.point.x + 6, event.point.y + 6],
    ];
    const found = map.queryRenderedFeatures(near, { layers: shown });
    if (!found.length) return;
    const content = document.createElement("div");
    content.className = "geo-told";
    content.dir = document.documentElement.dir;
    const seen = new Set();
    for (const feature of found) {
      const key = `${feature.source} ${feature.properties.id}`;
      if (!seen.has(key) && seen.size < 8) content.append(told(feature, pages));
      seen.add(key);
    }
    new maplibre.Popup({ maxWidth: "320px" }).setLngLat(event.lngLat).setDOMContent(content).addTo(map);
  });
  for (const control of box.querySelectorAll("[data-layer]")) {
    control.addEventListener("change", () => {
      const visibility = control.checked ? "visible" : "none";
      for (const part of ["fill", "line", "dot"]) {
        const id = `${control.dataset.layer} ${part}`;
        if (map.getLayer(id)) map.setLayoutProperty(id, "visibility", visibility);
      }
    });
  }
  map.once("idle", () => {
    box.dataset.drawn = "yes";
  });
}

for (const box of document.querySelectorAll("[data-geo]")) {
  box.hidden = false;
  draw(box).catch(() => {
    box.querySelector(".geo-map").hidden = true;
    box.querySelector(".geo-layers").hidden = true;
    const said = box.querySelector(".geo-none");
    said.textContent = box.dataset.none;
    said.hidden = false;
    box.dataset.drawn = "no";
  });
}
