// Streets from a PMTiles file that the owner put into the library's maps/ folder: vector tiles as
// Protomaps or OpenMapTiles cut them. Names are drawn with the browser's own fonts.
export async function streets(gl, files) {
  await script("/static/lib/pmtiles.js");
  const protocol = new pmtiles.Protocol();
  gl.addProtocol("pmtiles", protocol.tile);
  const sources = {};
  const known = [];
  for (const [number, file] of files.entries()) {
    const url = `${location.origin}/maps/${encodeURIComponent(file)}`;
    const archive = new pmtiles.PMTiles(url);
    const header = await archive.getHeader().catch(() => null); // not such a file, or cut short
    if (header?.tileType !== pmtiles.TileType.Mvt) continue;
    protocol.add(archive);
    const id = `streets${number}`;
    sources[id] = { type: "vector", url: `pmtiles://${url}` };
    const { vector_layers = [] } = await archive.getMetadata();
    known.push([id, new Set(vector_layers.map((layer) => layer.id))]);
  }
  return { sources, layers: (colour) => known.flatMap(([id, has]) => drawn(id, has, colour)) };
}

const script = (src) => new Promise((yes, no) => {
  document.head.append(Object.assign(document.createElement("script"), { src, onload: yes, onerror: no }));
});

function drawn(source, has, colour) {
  const layer = (name, type, paint, more) => has.has(name) && {
    id: `${source}-${name}-${type}`, source, "source-layer": name, type, paint, ...more,
  };
  const road = {
    "line-color": colour("road"),
    "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 8, 0.4, 13, 1.4, 18, 12],
  };
  const name = { "text-color": colour("name"), "text-halo-color": colour("halo"), "text-halo-width": 1.2 };
  const said = { "text-field": ["coalesce", ["get", "name:latin"], ["get", "name"]], "text-font": ["sans-serif"], "text-size": 11 };
  const along = { layout: { ...said, "symbol-placement": "line" }, minzoom: 13 };
  return [
    ...["landcover", "landuse", "park"].map((green) => layer(green, "fill", { "fill-color": colour("green"), "fill-opacity": 0.5 })),
    layer("water", "fill", { "fill-color": colour("water") }, { filter: ["==", ["geometry-type"], "Polygon"] }),
    ...["waterway"].map((river) => layer(river, "line", { "line-color": colour("water") })),
    ...["buildings", "building"].map((house) => layer(house, "fill", { "fill-color": colour("border"), "fill-opacity": 0.6 }, { minzoom: 14 })),
    ...["roads", "transportation"].map((way) => layer(way, "line", road)),
    layer("roads", "symbol", name, along),
    layer("transportation_name", "symbol", name, along),
    ...["places", "place"].map((place) => layer(place, "symbol", name, { layout: said, minzoom: 11 })),
  ].filter(Boolean);
}
