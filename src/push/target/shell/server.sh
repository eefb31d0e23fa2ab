# What a push calls in the shell of a server. POSIX sh, as BusyBox, dash and bash have it; every
# path begins with `./` or `/`. A refusal is one line of text and a status other than 0.
LC_ALL=C
export LC_ALL
unset CDPATH
umask 022
missing() { echo 'No such file or directory'; return 1; }
taken() { echo 'File exists'; return 1; }
enter() {
  if [ -d "$1" ]; then cd "$1" || { echo 'Permission denied'; return 1; }
  elif [ -e "$1" ]; then echo 'Not a directory'; return 1
  else missing; fi
}
is_file() { [ -f "$1" ] && [ ! -L "$1" ]; }
# Kind (the mode in hexadecimal), size, time and name of each path, the name behind the mark.
if stat -c '%f %s %Y' / >/dev/null 2>&1; then
  describe() { stat -c "%f %s %Y %n/$mark" "$@"; }
  inside() { find "$1/." ! -name . -prune -exec stat -c "%f %s %Y %n/$mark" {} + 2>/dev/null; return 0; }
  device() { stat -L -c %d "$1"; }
else
  describe() {
    for path do
      [ -e "$path" ] || [ -L "$path" ] || continue
      time=$(date -r "$path" +%s 2>/dev/null) || time=-
      kind=1000 size=-
      if [ -L "$path" ]; then kind=a000; elif [ -d "$path" ]; then kind=4000
      elif [ -f "$path" ]; then kind=8000 size=$(wc -c <"$path"); fi
      printf '%s %s %s %s\n' "$kind" $size "$time" "$path/$mark"
    done
  }
  inside() { describe "$1/./"* "$1/./".[!.]* "$1/./"..?*; return 0; }
  device() { df -P "$1" | { read -r heading; read -r device rest; echo "$device"; }; }
fi
list() {
  if [ ! -d "$1" ]; then missing
  elif [ -r "$1" ] && [ -x "$1" ]; then inside "$1"
  else echo 'Permission denied'; return 1; fi
}
look() { if [ -e "$1" ] || [ -L "$1" ]; then describe "$1"; else missing; fi; }
inspect() { if is_file "$1"; then describe "$1"; else missing; fi; }
# Bytes come as text: as base 64 where something can decode it, else as octal numbers.
if [ "$(echo aWs= | base64 -d 2>/dev/null)" = ik ]; then
  encoding=base64
  decode() { echo "$1" | base64 -d; }
elif [ "$(echo aWs= | openssl base64 -d -A 2>/dev/null)" = ik ]; then
  encoding=base64
  decode() { echo "$1" | openssl base64 -d -A; }
else
  encoding=octal
  decode() { printf "$1"; }
fi
create() {
  if [ -e "$1" ] || [ -L "$1" ]; then taken; else (set -C; : >"$1"); fi
}
# Not every decoder says that it could not write; cat does.
append() { if is_file "$1"; then decode "$2" | cat >>"$1"; else missing; fi; }
readable() { if is_file "$1"; then [ -r "$1" ] || { echo 'Permission denied'; return 1; }; else missing; fi; }
part() { if is_file "$1"; then dd if="$1" bs="$2" skip="$3" count=1 2>/dev/null; else missing; fi; }
tail_part() { if is_file "$1"; then tail -c "+$2" "$1" | head -c "$3"; else missing; fi; }
small() { if is_file "$1"; then dd if="$1" bs=65536 count=1 2>/dev/null; else missing; fi; }
# Writes over the start of a file only if it still says what it said, since the name may lead to
# the file of another push by now.
rewrite() {
  if is_file "$1" && [ "$(cat "$1")" = "$2" ]; then decode "$3" 1<>"$1"; else missing; fi
}
set_time() { touch -d "@$2" "$1" 2>/dev/null; return 0; }
if sync -d / >/dev/null 2>&1; then
  settle() { sync -d "$1"; }
else
  settle() { sync; }
fi
remove() { if [ -e "$1" ] || [ -L "$1" ]; then rm -f "$1"; else missing; fi; }
# With -T a folder that has the name is never moved into.
case $(mv -T "./$mark-a" "./$mark-b" 2>&1) in
  *ption*|*sage*) plain= ;;
  *) plain=-T ;;
esac
apart=
same_disk() {
  [ "$(device .)" = "$(device "$1")" ] || apart=1
}
replace() {
  if [ -n "$apart" ]; then echo 'the folder is on another file system'; return 1; fi
  if [ -d "$2" ]; then
    [ -L "$2" ] || { taken; return; }
    # A link to a folder, which nobody can play; some tools would move into the folder.
    rm -f "$2"
  fi
  mv -f $plain "$1" "$2"
}
rename_folder() {
  if [ ! -d "$1" ]; then missing; return; fi
  if [ -e "$2" ] || [ -L "$2" ]; then taken; return; fi
  mv $plain "$1" "$2" || return
  # Another push may have been faster; then the folder went into its folder, and comes back.
  if [ -d "$2/${1##*/}" ]; then mv "$2/${1##*/}" "$1"; taken; fi
}
echo "$encoding"
