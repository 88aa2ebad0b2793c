# A machine as Debian's package leaves it, in namespaces of its own: /etc and what servers write are copies, the network is
# empty. Arguments: the server, a scratch directory, the program. Prints what each command says.
set -eu
server=$1 scratch=$2 postern=$3
ip link set lo up
cp -a /etc "$scratch/etc"
mount --bind "$scratch/etc" /etc
for directory in /run /var/lib /var/log; do mount -t tmpfs none $directory; done
mkdir -p /run/lock /run/apache2 /run/haproxy /var/log/nginx /var/log/apache2 /var/lib/nginx /var/lib/haproxy
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=www.example.test \
  -keyout /etc/site.key -out /etc/site.pem 2>/dev/null
cat /etc/site.pem /etc/site.key > /etc/site.both

$postern up --data "$scratch/data" --api 127.0.0.1:8400 --https 127.0.0.1:8443 --http 127.0.0.1:8080 --workers 1 \
  --ready-file "$scratch/ready" 2> "$scratch/up.log" &
up=$!
trap 'kill $up; wait $up || true' EXIT
until [ -e "$scratch/ready" ]; do sleep 0.1; done
api=http://127.0.0.1:8400/client/v4
ask() { curl -sf -H "Authorization: Bearer $(cat "$scratch/data/bootstrap-token")" "$@"; }
zone=$(ask -X POST $api/zones -d '{"name":"example.test"}' | sed 's/.*"result":{"id":"\([0-9a-f]*\)".*/\1/')
ask -X PATCH $api/zones/$zone/settings/ssl -d '{"value":"full"}' > /dev/null
ask -X PUT $api/zones/$zone/origin_tls_client_auth/settings -d '{"enabled":true}' > /dev/null
ask -X POST $api/zones/$zone/dns_records -d '{"type":"A","name":"www","content":"127.0.0.1","proxied":true}' > /dev/null

case $server in
nginx)
  printf 'server {\n\tlisten 443 ssl http2;\n\tlisten [::]:443 ssl http2;\n\tserver_name www.example.test;\n\tssl_certificate /etc/site.pem;\n\tssl_certificate_key /etc/site.key;\n\troot /var/www/html;\n\tindex index.html index.nginx-debian.html;\n}\n' > /etc/nginx/sites-available/www
  ln -s ../sites-available/www /etc/nginx/sites-enabled/www
  nginx
  ;;
apache)
  for module in ssl.load ssl.conf socache_shmcb.load; do ln -sf ../mods-available/$module /etc/apache2/mods-enabled/$module; done
  printf '<VirtualHost *:443>\n\tServerName www.example.test\n\tDocumentRoot /var/www/html\n\tSSLEngine on\n\tSSLCertificateFile /etc/site.pem\n\tSSLCertificateKeyFile /etc/site.key\n\tErrorLog ${APACHE_LOG_DIR}/error.log\n</VirtualHost>\n' > /etc/apache2/sites-available/www.conf
  ln -s ../sites-available/www.conf /etc/apache2/sites-enabled/www.conf
  apache2ctl start 2> /dev/null
  ;;
haproxy)
  printf '\nfrontend www\n\tbind :443 ssl crt /etc/site.both\n\thttp-request return status 200 content-type text/plain string "hello"\n' >> /etc/haproxy/haproxy.cfg
  haproxy -W -D -f /etc/haproxy/haproxy.cfg
  ;;
caddy)
  printf 'www.example.test {\n\ttls /etc/site.pem /etc/site.key\n\trespond "hello"\n}\n' > /etc/caddy/Caddyfile
  HOME=/var/lib caddy start --config /etc/caddy/Caddyfile --adapter caddyfile > /dev/null 2>&1
  ;;
esac

facts() { (cd /etc && find . \( -path ./postern -o -name '*.lock' \) -prune -o -printf '%p %y %m %u %l\n' | sort && find . -path ./postern -prune -o -type f -print0 | sort -z | xargs -0 sha256sum); }
direct() { curl -sk -o /dev/null -w '%{http_code}' --resolve www.example.test:443:127.0.0.1 https://www.example.test/ || true; }
facts > "$scratch/before"
echo "before: $(direct)"
status=0
$postern origin install --hostname www.example.test --through 127.0.0.1:8443 --data "$scratch/data" || status=$?
echo "install: $status"
echo "direct: $(direct)"
echo "edge: $(curl -sk -o /dev/null -w '%{http_code}' --resolve www.example.test:8443:127.0.0.1 https://www.example.test:8443/)"
$postern origin uninstall www.example.test > /dev/null
facts > "$scratch/after"
diff "$scratch/before" "$scratch/after" && echo 'etc: the same'
echo "after: $(direct)"
