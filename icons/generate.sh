#!/bin/sh
# Draws every icon anew from the SVG in icons/source. Needs rsvg-convert (librsvg2-bin), ImageMagick and npx.
# The results are committed: a build needs none of these.
set -eu
cd "$(dirname "$0")"
mkdir -p app tray
for size in 16 24 32; do rsvg-convert -w $size -h $size source/app-small.svg -o app/${size}x${size}.png; done
for size in 48 128 256 512; do rsvg-convert -w $size -h $size source/app.svg -o app/${size}x${size}.png; done
convert app/16x16.png app/24x24.png app/32x32.png app/48x48.png app/256x256.png app/icon.ico
# 44 px: twice the 22 px of most panels, so that both densities scale by a whole number.
for state in fine failing blind snoozed window; do
  for tone in light dark; do
    rsvg-convert -w 44 -h 44 --stylesheet "source/tray-$tone.css" "source/tray-$state.svg" -o "tray/$state-$tone.png"
  done
done
python3 - <<'PY'
# An .icns is a list of PNGs, each under its type code.
import struct
parts = b""
for code, size in ((b"icp4", 16), (b"icp5", 32), (b"ic07", 128), (b"ic08", 256), (b"ic09", 512)):
    png = open(f"app/{size}x{size}.png", "rb").read()
    parts += code + struct.pack(">I", len(png) + 8) + png
open("app/icon.icns", "wb").write(b"icns" + struct.pack(">I", len(parts) + 8) + parts)
PY
