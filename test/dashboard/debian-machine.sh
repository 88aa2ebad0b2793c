# A machine as Debian's packages leave it, but for the network, with a site that was there before: /etc and what servers write
# are copies in namespaces of its own. Arguments: the server, its site, a scratch directory, the site's port, the application's, other names
# of the site (nginx).
set -eu
server=$1 host=$2 scratch=$3 port=$4 application=$5 others=${6:-}
cp -a /etc "$scratch/etc"
mount --bind "$scratch/etc" /etc
for directory in /run /var/lib /var/log; do mount -t tmpfs none $directory; done
mkdir -p /run/lock /run/apache2 /run/haproxy /var/log/nginx /var/log/apache2 /var/lib/nginx /var/lib/haproxy /var/lib/caddy
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$host \
  -addext subjectAltName=DNS:$host -keyout /etc/site.key -out /etc/site.pem 2>/dev/null

case $server in
nginx)
  rm /etc/nginx/sites-enabled/default
  cat > /etc/nginx/sites-available/www <<END
server {
	listen 127.0.0.1:$port ssl;
	server_name $host $others;
	ssl_certificate /etc/site.pem;
	ssl_certificate_key /etc/site.key;
	location / { proxy_pass http://127.0.0.1:$application; proxy_set_header Host \$host; }
}
END
  ln -s ../sites-available/www /etc/nginx/sites-enabled/www
  nginx
  ;;
apache)
  rm /etc/apache2/sites-enabled/*
  for module in ssl.load ssl.conf socache_shmcb.load proxy.load proxy_http.load headers.load rewrite.load; do
    ln -sf ../mods-available/$module /etc/apache2/mods-enabled/$module
  done
  echo "Listen 127.0.0.1:$port" > /etc/apache2/ports.conf
  cat > /etc/apache2/sites-available/site.conf <<END
<VirtualHost *:$port>
	ServerName $host
	SSLEngine on
	SSLCertificateFile /etc/site.pem
	SSLCertificateKeyFile /etc/site.key
	ProxyPass "/" "http://127.0.0.1:$application/"
	ProxyPreserveHost On
	ErrorLog \${APACHE_LOG_DIR}/error.log
</VirtualHost>
END
  ln -s ../sites-available/site.conf /etc/apache2/sites-enabled/site.conf
  apachectl start 2> /dev/null
  ;;
esac
touch "$scratch/ready"
# Whatever was started here goes with this.
exec sleep infinity
